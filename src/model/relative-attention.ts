import type { DeviceBuffer } from "../device/device.js";
import { columnsOf, type Value } from "../device/plan.js";
import { attentionMixKernel } from "../kernels/attention-mix.js";
import { relativeScoresKernel } from "../kernels/relative-scores.js";
import { type Linear, recordLinear } from "./linear.js";
import type { Recording } from "./recording.js";
import type { Weights } from "./weights.js";

/** What a layer's attention with relative positions and segments is made of, besides its output projection. */
export interface RelativeAttention {
  readonly heads: number;
  readonly headWidth: number;
  /** Queries, keys and values, side by side. */
  readonly projection: Linear;
  /** From the sinusoids of a distance to what queries are multiplied by. */
  readonly places: Linear;
  /** 4 × columns: what queries are added for keys, for distances and for types, and what another type is multiplied by. */
  readonly biases: DeviceBuffer;
  readonly sinusoids: Sinusoids;
}

/**
 * Records attention from its input to the concatenated head outputs, the site `heads`; queries, keys and values are
 * sites before anything is added to them, and the softmax weights are the site `scores`.
 */
export function recordRelativeAttention(run: Recording, at: string, x: Value, attention: RelativeAttention): Value {
  const { heads, headWidth, projection, places, biases, sinusoids } = attention;
  const width = heads * headWidth;
  const all = recordLinear(run, x, projection);
  const [query, key, value] = ["query", "key", "value"].map((part, i) => {
    const columns = columnsOf(all, i * width, width);
    run.site(`${at}.attention.${part}`, columns);
    return columns;
  }) as [Value, Value, Value];
  const { reach, table } = sinusoids.of(run);
  const distances = recordLinear(run, table, places, { rows: 2 * reach + 1 });

  const site = `${at}.attention.scores`;
  const span = run.request.span || run.request.capacity.longest;
  const weights = run.scores(site, heads * span);
  const [offsets, types] = [run.field("offsets"), run.field("types")];
  const sizes = { sequences: run.runs, tokens: run.tokens, longest: run.longest };
  run.recorder.record(
    relativeScoresKernel,
    { query, key, distances, biases: run.constant(biases, [4, width]), offsets, types, weights },
    { ...sizes, heads, headWidth, span, reach, scale: 1 / Math.sqrt(headWidth) },
  );
  run.intervene(site, site, weights, run.tokens);
  const out = run.temporary(width);
  const shape = { heads, keyHeads: heads, headWidth, span };
  run.recorder.record(
    attentionMixKernel,
    { weights, value, offsets, out },
    { ...sizes, keyRows: run.tokens, ...shape },
  );
  run.site(`${at}.attention.heads`, out);
  return out;
}

/**
 * Sines and then cosines of distances d: of d / 10,000^(2c/width) in columns c and width/2 + c (Vaswani et al. 2017).
 * There is a table for every capacity of a plan, made when it is asked for.
 */
export class Sinusoids {
  readonly #tables = new Map<number, DeviceBuffer>();

  /** @param clamp distances beyond it count as it; 0: none is too far */
  constructor(
    readonly weights: Weights,
    readonly width: number,
    readonly clamp: number,
  ) {}

  /** The farthest distance of a plan, and the table of −reach … reach. */
  of(run: Recording): { reach: number; table: Value } {
    const reach = this.clamp > 0 ? this.clamp : run.request.capacity.longest;
    const buffer =
      this.#tables.get(reach) ?? this.weights.keep(this.weights.device.upload(sinusoids(reach, this.width)));
    this.#tables.set(reach, buffer);
    return { reach, table: run.constant(buffer, [2 * reach + 1, this.width]) };
  }
}

function sinusoids(reach: number, width: number): Float32Array {
  const half = width / 2;
  return Float32Array.from({ length: (2 * reach + 1) * width }, (_, i) => {
    const [distance, column] = [Math.floor(i / width) - reach, i % width];
    const angle = distance / 10_000 ** ((2 * (column % half)) / width);
    return column < half ? Math.sin(angle) : Math.cos(angle);
  });
}
