import { ArgumentError } from "../../core/errors.js";
import { random } from "../../core/random.js";
import type { Site } from "../../core/sites.js";
import type { ForwardRequest, Model } from "../../model/model.js";
import { isSourceSite } from "../../model/stacks.js";
import { groupPassages, type PassageBatch } from "./batches.js";
import type { Passage } from "./passages.js";

/** Where a neuron is ablated: at every position, at all but the special tokens, or at the last of those. */
export type PositionsName = "all" | "content" | "last";

export const positionNames: readonly PositionsName[] = ["all", "content", "last"];

/** The tokens that a site has rows of: the passage's, or those of its source. */
export function readAt(passage: Passage, site: string): Pick<Passage, "ids" | "special"> {
  return passage.source && isSourceSite(site) ? passage.source : passage;
}

/** How many rows the sites of a stack have over all passages. */
export function countRows(passages: readonly Passage[], [first]: readonly Site[]): number {
  return passages.reduce((sum, passage) => sum + readAt(passage, first?.name ?? "").ids.length, 0);
}

/** The positions of some tokens that are ablated; null: all. */
export function ablatedPositions({ special }: Pick<Passage, "special">, positions: PositionsName): number[] | null {
  if (positions === "all") return null;
  const content = [...special.keys()].filter((position) => special[position] === 0);
  return positions === "content" ? content : content.slice(-1);
}

export interface AblatedRowsOptions {
  readonly positions: PositionsName;
  readonly batchTokens: number;
  readonly signal?: AbortSignal | undefined;
}

/** Bytes of activations of a batch that are held at once. */
const batchBytes = 1 << 26;

/**
 * Runs the model over the passages as the metric reads them, and hands out the sites' values at the ablated positions.
 *
 * @param take is given one row: all columns of the sites, side by side
 * @throws ArgumentError if there is none
 */
export async function eachAblatedRow(
  model: Model,
  passages: readonly Passage[],
  sites: readonly Site[],
  { positions, batchTokens, signal }: AblatedRowsOptions,
  take: (row: Float32Array) => void,
): Promise<void> {
  const columns = columnsOf(sites);
  let rows = 0;
  for (const batch of rowBatches(passages, sites, { batchTokens })) {
    signal?.throwIfAborted();
    using forward = model.forward(rowsRequest(model, batch, sites));
    const values = await forward.captured!.values();
    let start = 0;
    for (const passage of batch.passages) {
      const { ids, special } = readAt(passage, sites[0]!.name);
      for (const position of ablatedPositions({ special }, positions) ?? ids.keys()) {
        const row = (start + position) * columns;
        take(values.subarray(row, row + columns));
        rows++;
      }
      start += ids.length;
    }
  }
  if (rows === 0) throw new ArgumentError("corpus", "a token that is not special", "none");
}

/** The batches in which the sites' values are read: as many tokens as 64 MiB of values are of. */
export function rowBatches(
  passages: readonly Passage[],
  sites: readonly Site[],
  { batchTokens }: Pick<AblatedRowsOptions, "batchTokens">,
): PassageBatch[] {
  return groupPassages(passages, Math.max(1, Math.min(batchTokens, Math.floor(batchBytes / (4 * columnsOf(sites))))));
}

/** What the model is asked for the sites' values over a batch. */
export function rowsRequest(model: Model, { passages }: PassageBatch, sites: readonly Site[]): ForwardRequest {
  return {
    sequences: passages.map(({ ids }) => ids),
    ...(model.encoder && { sources: passages.map(({ source }) => source!.ids) }),
    capture: { sites },
  };
}

function columnsOf(sites: readonly Site[]): number {
  return sites.reduce((sum, { width }) => sum + width, 0);
}

/** A fair, seeded sample of rows that come one by one (reservoir sampling, Vitter 1985). */
export class RowSample {
  readonly rows: Float32Array[] = [];
  readonly #uniform: () => number;
  #seen = 0;

  /** @param most rows that are kept */
  constructor(
    readonly most: number,
    seed: number,
  ) {
    this.#uniform = random(seed);
  }

  add(row: Float32Array): void {
    const place = this.#seen < this.most ? this.#seen : Math.floor(this.#uniform() * (this.#seen + 1));
    this.#seen++;
    if (place < this.most) this.rows[place] = row.slice();
  }

  /** All rows, one behind the other. */
  values(columns: number): Float32Array {
    const all = new Float32Array(this.rows.length * columns);
    this.rows.forEach((row, i) => {
      all.set(row, i * columns);
    });
    return all;
  }
}
