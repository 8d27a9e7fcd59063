import type { Passage } from "./passages.js";

/** Passages that are read together. */
export interface PassageBatch {
  readonly passages: readonly Passage[];
  readonly tokens: number;
}

/**
 * Groups passages of similar length until the next would exceed `tokens`; a longer one stands alone.
 * The longest come first, so that what does not fit in memory is found out at once.
 */
export function groupPassages(passages: readonly Passage[], tokens: number): PassageBatch[] {
  const byLength = [...passages].sort((a, b) => b.ids.length - a.ids.length || a.sentence - b.sentence);
  const batches: PassageBatch[] = [];
  let group: Passage[] = [];
  let total = 0;
  for (const passage of byLength) {
    if (group.length > 0 && total + passage.ids.length > tokens) {
      batches.push({ passages: group, tokens: total });
      [group, total] = [[], 0];
    }
    group.push(passage);
    total += passage.ids.length;
  }
  return group.length > 0 ? [...batches, { passages: group, tokens: total }] : batches;
}
