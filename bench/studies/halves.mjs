import { join } from "node:path";
import { root, workPath } from "./commands.mjs";

const { readNpy } = await import(join(root, "dist/core/npy-values.js"));
const { rankScores } = await import(join(root, "dist/methods/order.js"));

/**
 * How well two halves of the sentences agree, every other one in each: how many of the ten units of most damage they share,
 * and the rank correlation of the damage of all units.
 */
export async function halvesOf(name, { perSentence: { counts } }) {
  const { values, shape } = await readNpy(workPath(`${name}.sentences.npy`));
  const units = shape[1];
  const [even, odd] = [0, 1].map((half) => damageOf(values, counts, units, half));
  const [first, second] = [even, odd].map((scores) => new Set(rankScores(scores).order.slice(0, 10)));
  return { shared: [...first].filter((unit) => second.has(unit)).length, correlation: rankCorrelation(even, odd) };
}

/** The mean damage of every unit over the values of every other sentence. */
function damageOf(values, counts, units, half) {
  const sums = new Float64Array(units);
  let total = 0;
  for (let sentence = half; sentence < counts.length; sentence += 2) {
    total += counts[sentence];
    for (let unit = 0; unit < units; unit++) sums[unit] += counts[sentence] * values[sentence * units + unit];
  }
  return sums.map((sum) => sum / total);
}

/** Spearman's, of scores without ties. */
export function rankCorrelation(a, b) {
  const [first, second] = [a, b].map(ranksOf);
  const middle = (a.length - 1) / 2;
  const product = (x, y) => x.reduce((sum, rank, i) => sum + (rank - middle) * (y[i] - middle), 0);
  return product(first, second) / Math.sqrt(product(first, first) * product(second, second));
}

function ranksOf(scores) {
  const ranks = new Float64Array(scores.length);
  rankScores(Float64Array.from(scores)).order.forEach((unit, rank) => {
    ranks[unit] = rank;
  });
  return ranks;
}
