import type { Model } from "../../model/model.js";
import type { BatchSums } from "./measure-batch.js";
import type { Passage } from "./passages.js";

/** Ablations that go into one forward batch. */
export interface Cut {
  /** Where they stand among those that are cut. */
  readonly places: Uint32Array;
  /** Ablations × tokens: 1 where they change a value; null: wherever they are. */
  readonly changed: Uint8Array | null;
}

/** Passages that are read together. */
interface Texts {
  readonly passages: readonly Pick<Passage, "ids">[];
  readonly tokens: number;
}

/** Copies of a batch may be so many times as many, where most of their tokens have no row: the host knows of each. */
const mostCopies = 4;

/**
 * Cuts ablations into batches by the rows that they change; those that change none are left out.
 *
 * @param copies of the passages that a batch has room for where every token of a copy has a row
 */
export function* cutByRows(
  model: Pick<Model, "head">,
  batch: Texts,
  changed: Uint8Array,
  copies: number,
): Generator<Cut> {
  const { tokens } = batch;
  const costs = Array.from({ length: changed.length / tokens }, (_, place) =>
    rowsOfCopy(model, batch, changed.subarray(place * tokens, (place + 1) * tokens)),
  );
  const shares = costs.some((rows) => rows < tokens);
  const room = Math.max(tokens, (copies - Number(shares)) * tokens); // copies share rows of their texts
  let places: number[] = [];
  let rows = 0;
  for (const [place, own] of costs.entries()) {
    if (own === 0) continue;
    if (places.length > 0 && (rows + own > room || places.length >= mostCopies * copies)) {
      yield cutOf(places, changed, tokens);
      [places, rows] = [[], 0];
    }
    places.push(place);
    rows += own;
  }
  if (places.length > 0) yield cutOf(places, changed, tokens);
}

/** The ablations of `changed` that change no token. */
export function restingPlaces(changed: Uint8Array, tokens: number): Uint32Array {
  const places = Array.from({ length: changed.length / tokens }, (_, place) => place);
  return Uint32Array.from(places.filter((place) => rests(changed, place * tokens, tokens)));
}

/**
 * Puts the sums of the untouched model where an ablation changes nothing of a passage: they are the same but for rounding,
 * as sums may be cut elsewhere in a batch of another size.
 */
export function restoreResting(measured: BatchSums, { changed }: Cut, batch: Texts, untouched: BatchSums): void {
  if (!changed) return;
  const { passages } = batch;
  const numbers = untouched.sums.length / passages.length;
  for (let copy = 0, token = 0; token < changed.length; copy++) {
    for (const [p, { ids }] of passages.entries()) {
      const places = rests(changed, token, ids.length) ? numbers : 0;
      for (let from = p; from < places * passages.length; from += passages.length) {
        const to = copy * numbers * passages.length + from;
        measured.sums[to] = untouched.sums[from]!;
        if (measured.others) measured.others[to] = untouched.others![from]!;
      }
      token += ids.length;
    }
  }
}

/** Rows of a copy: before the last layer, in which it may have fewer, all that see one that is changed. */
function rowsOfCopy({ head }: Pick<Model, "head">, { passages }: Texts, changed: Uint8Array): number {
  let [rows, start] = [0, 0];
  for (const { ids } of passages) {
    const first = changed.subarray(start, start + ids.length).indexOf(1);
    if (first >= 0) rows += head.kind === "causal" ? ids.length - first : ids.length;
    start += ids.length;
  }
  return rows;
}

/** Whether an ablation changes none of some tokens. */
export function rests(changed: Uint8Array, start: number, length: number): boolean {
  return !changed.subarray(start, start + length).includes(1);
}

function cutOf(places: readonly number[], all: Uint8Array, tokens: number): Cut {
  const changed = new Uint8Array(places.length * tokens);
  places.forEach((place, i) => {
    changed.set(all.subarray(place * tokens, (place + 1) * tokens), i * tokens);
  });
  return { places: Uint32Array.from(places), changed };
}
