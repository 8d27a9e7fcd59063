import type { RelativeScoresInput } from "../../src/kernels/relative-scores.js";
import { softmax } from "./softmax.js";

/** Softmax weights with relative positions and segments in float64, one query and head at a time. */
export function relativeScores(input: RelativeScoresInput, span: number): number[] {
  const { query, key, distances, biases, offsets, types, heads, headWidth } = input;
  const { scale = 1 / Math.sqrt(headWidth) } = input;
  const width = heads * headWidth;
  const reach = (distances.length / width - 1) / 2;
  const weights = new Array<number>((query.length / width) * heads * span).fill(0);
  for (let sequence = 0; sequence + 1 < offsets.length; sequence++) {
    const [first, end] = [offsets[sequence]!, offsets[sequence + 1]!];
    for (let i = first; i < end; i++) {
      for (let head = 0; head < heads; head++) {
        const scores = Array.from({ length: end - first }, (_, k) => {
          const distance = Math.max(-reach, Math.min(reach, i - first - k));
          const differs = types && types[i] !== types[first + k] ? 1 : 0;
          let sum = 0;
          for (let c = head * headWidth; c < (head + 1) * headWidth; c++) {
            const q = query[i * width + c]!;
            sum += (q + biases[c]!) * key[(first + k) * width + c]!;
            sum += (q + biases[width + c]!) * distances[(reach + distance) * width + c]!;
            sum += differs * (q + biases[2 * width + c]!) * biases[3 * width + c]!;
          }
          return scale * sum;
        });
        softmax(scores, scores.length).forEach((weight, k) => {
          weights[(i * heads + head) * span + k] = weight;
        });
      }
    }
  }
  return weights;
}
