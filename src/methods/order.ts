import type { Order } from "./result.js";

/** The columns by descending score, best first; ties go to the lower column. Scores are finite. */
export function orderOf(scores: Float64Array): Uint32Array {
  const order = Uint32Array.from(scores, (_, column) => column);
  return order.sort((a, b) => scores[b]! - scores[a]! || a - b);
}

/** Scores with the order of columns that follows from them. */
export function rankScores(scores: Float64Array): Order {
  return { order: orderOf(scores), scores };
}

/** Whether `order` names every column 0 … length − 1 once. */
export function isOrder(order: Uint32Array): boolean {
  const seen = new Uint8Array(order.length);
  for (const column of order) seen[column] = 1;
  return seen.every((mark) => mark === 1);
}
