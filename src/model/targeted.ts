import type { Batch } from "./batch.js";
import { type ForwardRequest, NO_TARGET } from "./model.js";

/** What of a batch has a target: packed tokens, or sequences of a classifier of them. */
export interface Targeted {
  readonly all: Uint32Array;
  /** Those whose predictions are computed: one of all that share a row and a target. */
  readonly read: Uint32Array;
  /** For each of `all`, its place in `read`. */
  readonly places: Uint32Array;
}

/** A batch that predicts nothing. */
export const noTargets: Targeted = { all: new Uint32Array(0), read: new Uint32Array(0), places: new Uint32Array(0) };

/** Finds what has a target. Where logits are kept, all of them are computed. */
export function findTargets({ targets, logits }: ForwardRequest, { rows, tokens, rowOfToken }: Batch): Targeted {
  const all = Uint32Array.from([...targets!.keys()].filter((token) => targets![token] !== NO_TARGET));
  if (rows === tokens || targets!.length !== tokens || !rowOfToken || logits) return { all, read: all, places: Uint32Array.from(all.keys()) }; // biome-ignore format: one line
  const places = new Uint32Array(all.length);
  const known = new Map<string, number>();
  const read: number[] = [];
  all.forEach((token, i) => {
    const key = `${rowOfToken[token]!} ${targets![token]!}`;
    const place = known.get(key) ?? read.push(token) - 1;
    known.set(key, place);
    places[i] = place;
  });
  return { all, read: Uint32Array.from(read), places };
}
