/** The longest runs of words that are compared. */
const longestRun = 4;

/**
 * BLEU of a corpus (Papineni et al. 2002), with one right text each: the geometric mean of the shares of runs of 1 to 4
 * words that the right text has too, each as often as there, times e^(1 − right/written) where less was written than is
 * right. Words are what stands between spaces.
 *
 * @returns a share; null where no right text has four words
 */
export function bleu(written: readonly string[], right: readonly string[]): number | null {
  const [ours, theirs] = [written.map(wordsOf), right.map(wordsOf)];
  if (!theirs.some(({ length }) => length >= longestRun)) return null;
  let logarithm = 0;
  for (let run = 1; run <= longestRun; run++) {
    let [shared, all] = [0, 0];
    ours.forEach((words, i) => {
      const allowed = countRuns(theirs[i]!, run);
      for (const [key, count] of countRuns(words, run)) {
        shared += Math.min(count, allowed.get(key) ?? 0);
        all += count;
      }
    });
    if (shared === 0) return 0;
    logarithm += Math.log(shared / all) / longestRun;
  }
  return Math.exp(logarithm + Math.min(0, 1 - total(theirs) / total(ours)));
}

function wordsOf(text: string): string[] {
  return text.match(/\S+/gu) ?? [];
}

function countRuns(words: readonly string[], length: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (let i = 0; i + length <= words.length; i++) {
    const key = words.slice(i, i + length).join(" ");
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

function total(texts: readonly (readonly string[])[]): number {
  return texts.reduce((sum, { length }) => sum + length, 0);
}
