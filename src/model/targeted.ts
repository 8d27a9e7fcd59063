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
  const all = withTarget(targets!);
  if (rows === tokens || targets!.length !== tokens || !rowOfToken || logits) return { all, read: all, places: all.map((_, place) => place) }; // biome-ignore format: one line
  return { all, ...shareRows(all, targets!, rowOfToken, rows) };
}

function withTarget(targets: Uint32Array): Uint32Array {
  const all = new Uint32Array(targets.length);
  let count = 0;
  for (let token = 0; token < targets.length; token++) if (targets[token] !== NO_TARGET) all[count++] = token;
  return all.slice(0, count);
}

/** One of all that share a row and a target: a row's are looked through from the last one back, as they are few. */
function shareRows(all: Uint32Array, targets: Uint32Array, rowOfToken: Uint32Array, rows: number) {
  const places = new Uint32Array(all.length);
  const last = new Int32Array(rows).fill(-1); // the place of each row's last
  const before = new Int32Array(all.length); // the place of the one before in the same row
  const read = new Uint32Array(all.length);
  let count = 0;
  for (let i = 0; i < all.length; i++) {
    const token = all[i]!;
    const row = rowOfToken[token]!;
    let place = last[row]!;
    while (place >= 0 && targets[read[place]!] !== targets[token]) place = before[place]!;
    if (place < 0) {
      place = count++;
      read[place] = token;
      before[place] = last[row]!;
      last[row] = place;
    }
    places[i] = place;
  }
  return { read: read.slice(0, count), places };
}
