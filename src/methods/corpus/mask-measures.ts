import type { MaskCounts } from "./mask-counts.js";

/** Numbers of every neuron's mask and class, columns × classes; a ranking has one a column. */
export type MaskMeasures = {
  /** |mask ∧ class| / |mask ∨ class|, also called Jaccard's index; 0 for a mask that is left out. */
  readonly scores: Float64Array;
  /** What base rates alone give, with p and q the shares of rows of mask and class: pq/(p + q − pq). */
  readonly chance: Float64Array;
  /** The most that base rates allow: min(p, q)/max(p, q). */
  readonly ceiling: Float64Array;
  /** (IoU − chance)/(1 − chance); 0 where chance is 1. */
  readonly adjusted: Float64Array;
  /** Share of the mask's rows that are of the class; 0 for an empty mask. */
  readonly precision: Float64Array;
  /** Share of the class's rows that are in the mask. */
  readonly recall: Float64Array;
  /** Pearson's r of the two sets of rows; 0 where one is empty or everything. */
  readonly phi: Float64Array;
};

/** @param least masks of fewer rows score 0 */
export function measureMasks({ both, masks, classes, rows }: MaskCounts, least: number): MaskMeasures {
  const column = () => new Float64Array(both.length);
  const [scores, chance, ceiling, adjusted] = [column(), column(), column(), column()];
  const [precision, recall, phi] = [column(), column(), column()];
  for (let i = 0; i < both.length; i++) {
    const [shared, mask, size] = [both[i]!, masks[i]!, classes[i % classes.length]!];
    scores[i] = mask < least ? 0 : shareOf(shared, mask + size - shared);
    chance[i] = chanceOf(mask, size, rows);
    ceiling[i] = shareOf(Math.min(mask, size), Math.max(mask, size));
    adjusted[i] = adjust(scores[i]!, chance[i]!);
    precision[i] = shareOf(shared, mask);
    recall[i] = shareOf(shared, size);
    phi[i] = phiOf(shared, mask, size, rows);
  }
  return { scores, chance, ceiling, adjusted, precision, recall, phi };
}

/** The IoU of two independent sets of so many of `rows` rows. */
export function chanceOf(mask: number, size: number, rows: number): number {
  const [p, q] = [mask / rows, size / rows];
  return shareOf(p * q, p + q - p * q);
}

/** How far an IoU is from chance to 1. */
export function adjust(iou: number, chance: number): number {
  return chance === 1 ? 0 : (iou - chance) / (1 - chance);
}

function phiOf(both: number, mask: number, size: number, rows: number): number {
  const spread = Math.sqrt(mask * (rows - mask)) * Math.sqrt(size * (rows - size));
  return spread === 0 ? 0 : (rows * both - mask * size) / spread;
}

function shareOf(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
