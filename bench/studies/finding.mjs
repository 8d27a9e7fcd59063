/** A page says nothing that its results do not: where a finding's statement fails, so does the page, and says which. */
export function holds(condition, statement) {
  if (!condition)
    throw new Error(`Expected what the studies found before, that ${statement}: look at the results anew`);
}

/** Which place a unit has in a ranking, from 1. */
export const placeOf = (column, { order }) => order.indexOf(column) + 1;

/** The column of a unit of a site. */
export const columnOf = (siteName, index, { sites }) => sites.find(({ name }) => name === siteName).offset + index;

export const meanOf = (numbers) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length;

/** The damage of all units of a site. */
export const damageAt = ({ offset, width }, { scores }) => scores.slice(offset, offset + width);

/** How many of the first units of a ranking are of a site. */
export const firstOf = ({ offset, width }, count, { order }) =>
  order.slice(0, count).filter((column) => column >= offset && column < offset + width).length;

/** How much more damage the first units do on unseen sentences than random ones of the same sites. */
export function unseenRatios({ counts, top, random, baseline }) {
  const ratios = counts.map((_, i) => (top[i] - baseline) / (random[i] - baseline));
  holds(ratios.every((ratio) => ratio > 2), "the first neurons do far more damage on unseen sentences than random ones"); // biome-ignore format: one line
  return ratios;
}
