import { random } from "../../src/core/random.js";

/** The middle 95 % of the means of 1,000 resamples of sentences, drawn one by one. */
export function bootstrapInterval(
  sums: readonly number[],
  counts: readonly number[],
  seed: number,
): readonly [number, number] {
  const uniform = random(seed);
  const some = [...counts.keys()].filter((sentence) => counts[sentence]! > 0);
  const means = Array.from({ length: 1000 }, () => {
    const drawn = some.map(() => some[Math.floor(uniform() * some.length)]!);
    const total = (values: readonly number[]) => drawn.reduce((sum, sentence) => sum + values[sentence]!, 0);
    return total(sums) / total(counts);
  });
  means.sort((a, b) => a - b);
  const at = (place: number) => {
    const below = Math.floor(place);
    return means[below]! + (place - below) * (means[Math.min(999, below + 1)]! - means[below]!);
  };
  return [at(0.025 * 999), at(0.975 * 999)];
}
