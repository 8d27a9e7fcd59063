import { join } from "node:path";
import { root, workPath } from "./program.mjs";

const { readNpy } = await import(join(root, "dist/core/npy-values.js"));
const { permutation, random } = await import(join(root, "dist/core/random.js"));
const { rankScores } = await import(join(root, "dist/methods/order.js"));

const splits = 100;

/**
 * How well two halves of the sentences agree, over a hundred seeded ways to halve them: how many of the ten units of most
 * damage they share, and the rank correlation of the damage of all units. Means, and the least and most of each.
 */
export async function halvesOf(name, { perSentence: { counts } }) {
  const { values, shape } = await readNpy(workPath(`${name}.sentences.npy`));
  const [, units] = shape;
  const uniform = random(0);
  const agreements = Array.from({ length: splits }, () => {
    const order = permutation(counts.length, uniform);
    const middle = counts.length >> 1;
    const halves = [order.subarray(0, middle), order.subarray(middle)];
    return agreementOf(...halves.map((sentences) => damageOver(sentences, values, counts, units)));
  });
  return {
    splits,
    shared: spread(agreements.map(({ shared }) => shared)),
    correlation: spread(agreements.map(({ correlation }) => correlation)),
  };
}

function agreementOf(one, other) {
  const [first, second] = [one, other].map((scores) => new Set(rankScores(scores).order.slice(0, 10)));
  return { shared: [...first].filter((unit) => second.has(unit)).length, correlation: rankCorrelation(one, other) };
}

/** The mean damage of every unit over the values of some sentences. */
function damageOver(sentences, values, counts, units) {
  const sums = new Float64Array(units);
  let total = 0;
  for (const sentence of sentences) {
    total += counts[sentence];
    for (let unit = 0; unit < units; unit++) sums[unit] += counts[sentence] * values[sentence * units + unit];
  }
  return sums.map((sum) => sum / total);
}

function spread(numbers) {
  const mean = numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
  return { mean, least: Math.min(...numbers), most: Math.max(...numbers) };
}

/** Spearman's, of scores whose ties are too few to matter. */
export function rankCorrelation(a, b) {
  const [first, second] = [a, b].map(ranksOf);
  const middle = (a.length - 1) / 2;
  const product = (x, y) => x.reduce((sum, rank, i) => sum + (rank - middle) * (y[i] - middle), 0);
  return product(first, second) / Math.sqrt(product(first, first) * product(second, second));
}

/** What a correlation of halves says of the whole (Spearman 1910 and Brown 1910). */
export const reliabilityOf = (correlation) => (2 * correlation) / (1 + correlation);

function ranksOf(scores) {
  const ranks = new Float64Array(scores.length);
  rankScores(Float64Array.from(scores)).order.forEach((unit, rank) => {
    ranks[unit] = rank;
  });
  return ranks;
}
