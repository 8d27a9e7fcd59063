import type { Corpus } from "../../corpus/corpus.js";
import type { Model } from "../../model/model.js";
import type { MethodContext } from "../result.js";
import { ablationOf, prepareAblation } from "./ablate.js";
import { type AblateEachOptions, unitsOf } from "./ablate-each.js";
import { measureAblations } from "./measure.js";
import { requestOf } from "./measure-batch.js";
import type { MetricName } from "./metric.js";
import { batchesOf, bySite, firstSite } from "./sweep-jobs.js";
import { describeLayout, type SweepBatches } from "./sweep-layout.js";

/** What a sweep would do, and how long it would take on this device. */
export interface SweepPlan {
  readonly metric: MetricName;
  /** Tokens of the corpus that every unit is ablated over. */
  readonly tokens: number;
  /** A line for each site at which copies of a text begin to differ, in the model's order. */
  readonly sites: readonly PlannedSite[];
  readonly seconds: number;
  /** Sentences that predict nothing: they are left out. */
  readonly skipped: number;
  /** How it would be cut into batches. */
  readonly plan: SweepBatches;
}

/** The units of which a site is the first that they change. */
export interface PlannedSite {
  readonly site: string;
  readonly units: number;
  /** Multiplications and additions of linear maps for a unit and a token. */
  readonly operations: number;
  /** The same of a whole pass. */
  readonly wholePass: number;
  /**
   * `short`: what follows from the changes is computed of the changed columns at first; `long`: the layer in which a copy
   * parts from its text is computed whole for each.
   */
  readonly way: "short" | "long";
  /** As measured on one batch, and multiplied. */
  readonly seconds: number;
}

/** Units of a site that are measured at most. */
const sampled = 64;

/**
 * Plans `ablateEach`: measures one batch for each site, and multiplies.
 *
 * @throws ArgumentError as `ablateEach`
 */
export async function planEach(
  model: Model,
  corpus: Corpus,
  options: AblateEachOptions,
  context: MethodContext = {},
): Promise<SweepPlan> {
  const units = unitsOf(model, options);
  const { metric, passages, skipped, replacement, layout, options: known } = await prepareAblation(model, corpus, units, options, context); // biome-ignore format: one line
  const ablations = units.members.map((members) => ablationOf(units.sites, members, replacement));
  const settings = { ...layout, positions: known.positions, ...(context.signal && { signal: context.signal }) };
  const tokens = passages.reduce((sum, { ids }) => sum + ids.length, 0);
  const sample = batchesOf(model, passages, sampled, settings)[0]!;
  const sites: PlannedSite[] = [];
  const order = [...bySite(model, ablations)];
  for (const site of new Set(order.map((number) => firstSite(model, ablations[number]!)))) {
    const own = order.filter((number) => firstSite(model, ablations[number]!) === site);
    const some = own.slice(0, sampled).map((number) => ablations[number]!);
    await measureAblations(model, sample.passages, some, settings); // makes the plans
    const start = performance.now();
    const { operations } = await measureAblations(model, sample.passages, some, settings);
    const measured = some.length * sample.tokens;
    sites.push({
      site,
      units: own.length,
      operations: operations.sweep / measured,
      wholePass: operations.wholePasses / measured,
      way: model.followsChanges?.(requestOf(model, sample, some, settings)) ? "short" : "long",
      seconds: (((performance.now() - start) / 1000) * own.length * tokens) / measured,
    });
  }
  const seconds = sites.reduce((sum, { seconds }) => sum + seconds, 0);
  const plan = describeLayout(model, passages, ablations.length, layout);
  return { metric, tokens, sites, seconds, skipped, plan };
}
