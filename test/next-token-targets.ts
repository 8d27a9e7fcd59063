import { NO_TARGET } from "../src/model/model.js";

/** Every token predicts the next one of its sequence; the last one predicts nothing. */
export function nextTokenTargets(sequences: readonly Uint32Array[]): Uint32Array {
  const tokens = sequences.reduce((sum, { length }) => sum + length, 0);
  const targets = new Uint32Array(tokens).fill(NO_TARGET);
  let start = 0;
  for (const sequence of sequences) {
    targets.set(sequence.subarray(1), start);
    start += sequence.length;
  }
  return targets;
}
