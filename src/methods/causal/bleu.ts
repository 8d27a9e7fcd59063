import { bleuWords } from "./bleu-words.js";

/** The longest runs of words that are compared. */
const longestRun = 4;

/** Numbers that BLEU is made of. */
export const bleuNumbers = 2 * longestRun + 2;

/**
 * What a text adds to BLEU: for runs of 1 to 4 words, those that the right text has too, each as often as there; for the
 * same runs, all that were written; words that were written, and words that are right.
 */
export function bleuCounts(written: string, right: string): Float64Array {
  const [ours, theirs] = [bleuWords(written), bleuWords(right)];
  const counts = new Float64Array(bleuNumbers);
  for (let run = 1; run <= longestRun; run++) {
    const allowed = countRuns(theirs, run);
    for (const [key, count] of countRuns(ours, run)) {
      counts[run - 1]! += Math.min(count, allowed.get(key) ?? 0);
      counts[longestRun + run - 1]! += count;
    }
  }
  counts.set([ours.length, theirs.length], 2 * longestRun);
  return counts;
}

/**
 * BLEU of the sums of such numbers over a corpus (Papineni et al. 2002), with one right text each, as sacreBLEU defines it
 * (Post 2018; words by `13a`, smoothing `exp`), but a share and not a percentage: the geometric mean of the shares of runs
 * that are right, times e^(1 − right/written) where less was written than is right. Where no run of a length is right, its
 * share is half of a run, of the next such length a quarter, and so on; 0 where no word is right.
 */
export function bleuOf(counts: ArrayLike<number>): number {
  const [written, right] = [counts[2 * longestRun]!, counts[2 * longestRun + 1]!];
  let [logarithm, smoothing] = [0, 1];
  for (let run = 0; run < longestRun; run++) {
    const [shared, all] = [counts[run]!, counts[longestRun + run]!];
    if (all === 0 || (run === 0 && shared === 0)) return 0;
    if (shared === 0) smoothing *= 2;
    logarithm += Math.log((shared || 1 / smoothing) / all) / longestRun;
  }
  return Math.exp(logarithm + Math.min(0, 1 - right / written));
}

/** BLEU of texts, see `bleuOf`; null where no right text has four words. */
export function bleu(written: readonly string[], right: readonly string[]): number | null {
  if (!right.some(hasRuns)) return null;
  const sums = new Float64Array(bleuNumbers);
  for (const [i, text] of written.entries())
    for (const [n, count] of bleuCounts(text, right[i]!).entries()) sums[n]! += count;
  return bleuOf(sums);
}

/** Whether a right text has a run of four words: where none has, BLEU says nothing. */
export function hasRuns(right: string): boolean {
  return bleuWords(right).length >= longestRun;
}

function countRuns(words: readonly string[], length: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (let i = 0; i + length <= words.length; i++) {
    const key = words.slice(i, i + length).join(" ");
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}
