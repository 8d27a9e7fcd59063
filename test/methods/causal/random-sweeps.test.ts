import { afterAll, describe, expect, test } from "vitest";
import type { Site } from "../../../src/core/sites.js";
import { type AblateEachOptions, ablateEach } from "../../../src/methods/causal/ablate-each.js";
import { damage } from "../../../src/methods/causal/metric.js";
import type { Grouping } from "../../../src/methods/result.js";
import type { Intervention } from "../../../src/model/interventions.js";
import { loadModel } from "../../../src/model/load.js";
import type { Model } from "../../../src/model/model.js";
import { isSourceSite } from "../../../src/model/stacks.js";
import { devices } from "../../devices.js";
import { writeRandomModel } from "../../fixtures/random-model.js";
import { temporaryFolder } from "../../temporary-folder.js";
import { type DrawnSweep, drawSweep } from "./drawn-sweep.js";
import { behind, loop, type Reading, readingsOf } from "./logit-loop.js";
import { withMask } from "./masked-model.js";
import { families } from "./plain-loop.js";

/** The positions of a reading at which its neurons are ablated. */
function ablatedOf({ sites, positions }: DrawnSweep, { ids, source, content }: Reading): number[] {
  const ofSource = source !== null && isSourceSite(sites[0]!.name);
  const all = [...(ofSource ? source : ids).keys()];
  if (positions === "all") return all;
  const own = all.slice(ofSource ? 0 : content);
  return positions === "content" ? own : own.slice(-1);
}

/** The values of the sites at every ablated position, each reading by itself: rows × columns. */
async function rowsOf(model: Model, sweep: DrawnSweep, readings: readonly Reading[]): Promise<number[][]> {
  const rows: number[][] = [];
  const longestFirst = [...readings].sort((a, b) => b.ids.length - a.ids.length || a.sentence - b.sentence);
  for (const reading of longestFirst) {
    const read = { sequences: [reading.ids], ...(reading.source && { sources: [reading.source] }) };
    using forward = model.forward({ ...read, capture: { sites: sweep.sites } });
    const values = await forward.captured!.values();
    const { columns } = forward.captured!;
    for (const t of ablatedOf(sweep, reading)) rows.push([...values.subarray(t * columns, (t + 1) * columns)]);
  }
  return rows;
}

/** What becomes of some columns of a site, in words of an intervention. */
function changeOf({ value, sites, seed }: DrawnSweep, rows: readonly number[][], { offset }: Site, columns: number[]) {
  const mean = (values: readonly number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;
  const perColumn = (make: (own: number[]) => number) =>
    Float32Array.from(columns, (column) => make(rows.map((row) => row[offset + column]!)));
  switch (value) {
    case "zero":
      return { operation: "set", value: 0 } as const;
    case "flip":
      return { operation: "scale", value: -1 } as const;
    case "mean":
      return { operation: "set", value: perColumn(mean) } as const;
    case "noise": {
      const deviation = (own: number[]) => Math.sqrt(mean(own.map((x) => (x - mean(own)) ** 2)));
      return { operation: "noise", value: perColumn(deviation), seed } as const;
    }
    case "resample":
      return { operation: "resample", value: { sites, values: Float32Array.from(rows.flat()) }, seed } as const;
    case "p25": {
      const quarter = (own: number[]) => {
        const sorted = own.toSorted((a, b) => a - b);
        const [low, rest] = [Math.floor(0.25 * (sorted.length - 1)), (0.25 * (sorted.length - 1)) % 1];
        return sorted[low]! + rest * ((sorted[low + 1] ?? 0) - sorted[low]!);
      };
      return { operation: "set", value: perColumn(quarter) } as const;
    }
    default:
      return { operation: "set", value: Number(value) } as const;
  }
}

function groupingOf({ sites, units }: DrawnSweep): Grouping {
  const groups = units.map((members, label) => ({ label, members: [...members], representative: members[0]! }));
  const provenance = { version: "", device: "", seed: 0, model: null, corpus: null, activations: null };
  const labels = new Int32Array(sites.reduce((sum, { width }) => sum + width, 0));
  return { kind: "grouping", method: "drawn", sites, labels, groups, options: {}, provenance };
}

/** Relative; of what is below 1, absolute: logits are of size 1 to 10, and float32 keeps 1e-7 of them. */
const tolerance = 1e-5;

/** Compares a drawn sweep with the plain loop, for some of its units. @returns what differs, and what was drawn */
async function compare(model: Model, seed: number, most: number): Promise<string[]> {
  const sweep = drawSweep(model, seed, seed % 2 === 0 ? "any" : "few");
  const { sites, units, metric, positions, concept, corpus, pairs, warmUp } = sweep;
  const result = await ablateEach(model, corpus, optionsOf(model, sweep));
  const texts = await readingsOf(model, corpus.sentences, metric, "mark");
  const readings = warmUp === null ? texts : await behind(model, warmUp, texts);
  const rows = await rowsOf(model, sweep, readings);
  const focus = ({ sentence }: Reading, place: number | null): boolean => {
    if (concept === null) return true;
    const { words } = corpus.sentences[sentence]!.target ?? corpus.sentences[sentence]!;
    const meant = place === null ? words : words.filter(({ start, end }) => place >= start && place < end);
    return meant.some(({ annotations }) => `mark=${annotations.mark}` === concept);
  };
  const wrong: string[] = [];
  const check = (what: string, got: number, wanted: number, doubtful = 0) => {
    if (Math.abs(got - wanted) <= doubtful + tolerance * Math.max(1, Math.abs(wanted))) return;
    wrong.push(`seed ${seed}, ${what}: ${got} where the loop has ${wanted}; ${inWords(sweep)}`);
  };
  const without = (members: readonly number[]) => {
    const edits = (reading: Reading): Intervention[] =>
      sites.flatMap((site): Intervention[] => {
        const columns = members.map((column) => column - site.offset).filter((column) => column >= 0 && column < site.width); // biome-ignore format: one line
        const place = positions === "all" ? {} : { positions: ablatedOf(sweep, reading) };
        return columns.length === 0 ? [] : [{ site: site.name, columns, ...place, ...changeOf(sweep, rows, site, columns) }]; // biome-ignore format: one line
      });
    return loop(model, readings, metric, edits, focus);
  };
  const before = await without([]);
  const damageOf = async (members: readonly number[]) => {
    const after = await without(members);
    const doubtful = before.doubtful + after.doubtful;
    const own = damage(metric, before.mean, after.mean);
    return { own, others: damage(metric, before.others, after.others), doubtful };
  };
  check("baseline", result.baseline, before.mean, before.doubtful);
  check("tokens", result.tokens, before.count);
  check("units", result.scores.length, units.length);
  for (let i = 0; i < Math.min(most, units.length); i++) {
    const unit = (i * 7 + seed) % units.length;
    const { own, others, doubtful } = await damageOf(units[unit]!);
    check(`unit ${unit} (${units[unit]})`, result.scores[unit]!, own, doubtful);
    if (!Number.isNaN(others)) check(`unit ${unit}, others`, result.others!.damage[unit]!, others, doubtful);
  }
  if (pairs) {
    const [one, other] = [...result.order].map((unit) => units[unit]!);
    const both = [...new Set([...one!, ...other!])].sort((a, b) => a - b);
    const [first, second, together] = [await damageOf(one!), await damageOf(other!), await damageOf(both)];
    const doubtful = first.doubtful + second.doubtful + together.doubtful;
    check("pair", result.interactions!.effects[1]!, together.own - first.own - second.own, doubtful);
  }
  return wrong;
}

function optionsOf({ head }: Model, sweep: DrawnSweep): AblateEachOptions {
  const { each, sites, value, metric, positions, batchTokens, seed, concept, pairs, warmUp } = sweep;
  const labelled = head.kind === "token-classification" && metric !== "representation";
  return {
    each,
    ...(each === "group" ? { grouping: groupingOf(sweep) } : { sites: sites.map(({ name }) => name) }),
    ...{ value, metric, positions, batchTokens, seed },
    ...(head.kind === "masked" && { mask: "each" }),
    ...(labelled && { label: "mark" }),
    ...(concept && { concept }),
    ...(pairs && { pairs: 2 }),
    ...(warmUp && { warmUp: [warmUp] }),
  };
}

function inWords({ sites, units: _, corpus, ...drawn }: DrawnSweep): string {
  const texts = corpus.sentences.map(({ text, target }) => (target ? `${text}>${target.text}` : text));
  return JSON.stringify({ ...drawn, sites: sites.map(({ name, width }) => `${name}:${width}`), texts });
}

const folder = temporaryFolder();

describe.each(devices)("sweeps of random models on %s", (device, open) => {
  const opened = open();
  afterAll(async () => (await opened)[Symbol.asyncDispose]());
  const native = device === "native";
  const drawn = native ? families : (["gpt2", "llama", "lstm"] as const); // a GPU in software takes seconds for each
  const rounds = native ? 3 : 2; // NEUROMETRY_TEST_ROUNDS draws more

  test.each(drawn.map((family, i) => [family, i] as const))(
    "of %s are one whole pass per unit and sentence, whatever is drawn",
    async (family, place) => {
      const wrong: string[] = [];
      for (const round of Array(Number(process.env.NEUROMETRY_TEST_ROUNDS ?? rounds)).keys()) {
        const seed = 101 * round + 2 * place; // of every other round odd
        const path = await writeRandomModel(await opened, family, seed, folder);
        await using loaded = await loadModel(path, { device: await opened });
        const model = loaded.head.kind === "masked" ? withMask(loaded) : loaded;
        wrong.push(...(await compare(model, seed, native ? 4 : 1)));
      }
      expect(wrong).toEqual([]);
    },
  );
});
