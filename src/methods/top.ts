import { neuronName } from "../core/sites.js";
import type { Ranking } from "./result.js";

/** The names of the best neurons of a ranking, best first; all of them where there are fewer than `count`. */
export function top(ranking: Pick<Ranking, "order" | "sites">, count = 10): string[] {
  return Array.from(ranking.order.subarray(0, count), (column) => neuronName(ranking.sites, column));
}
