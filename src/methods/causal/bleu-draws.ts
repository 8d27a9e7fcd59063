import { bleuNumbers, bleuOf } from "./bleu.js";
import { bootstrapResamples, type SentenceBootstrap } from "./bootstrap.js";

/**
 * BLEU of every resample of the sentences: it is no mean, and is made anew of the numbers of the drawn ones.
 *
 * @param sums ablations × BLEU's numbers × sentences
 * @returns ablations × resamples
 */
export function bleuDraws(bootstrap: SentenceBootstrap, sums: Float64Array): Float64Array {
  const drawn = bootstrap.resampled(sums, "nothing");
  const ablations = drawn.length / bleuNumbers / bootstrapResamples;
  const numbers = new Float64Array(bleuNumbers);
  return Float64Array.from({ length: ablations * bootstrapResamples }, (_, i) => {
    const [ablation, resample] = [Math.floor(i / bootstrapResamples), i % bootstrapResamples];
    for (let n = 0; n < bleuNumbers; n++)
      numbers[n] = drawn[(ablation * bleuNumbers + n) * bootstrapResamples + resample]!;
    return bleuOf(numbers);
  });
}
