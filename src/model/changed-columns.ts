import { entryWords } from "../kernels/intervene.js";
import type { InterventionTable } from "./intervention-table.js";

/** How many columns of a row a site has changed at most; one that is changed twice counts twice. @param rows of the site */
export function countChanged({ entries, groups }: InterventionTable, site: string, rows: number): number {
  const { first, count } = groups.get(site) ?? { first: 0, count: 0 };
  const steps = new Float64Array(rows + 1);
  for (let entry = first; entry < first + count; entry++) {
    const [firstRow = 0, endRow = 0, from = 0, to = 0] = entries.subarray(entry * entryWords);
    steps[firstRow]! += to - from;
    steps[endRow]! -= to - from;
  }
  let [most, here] = [0, 0];
  for (const step of steps) {
    here += step;
    most = Math.max(most, here);
  }
  return most;
}

/** The share of a site's columns that may be changed for its product to be computed by the changed columns alone. */
const few = 1 / 8;

/** Whether so many changed columns of a row are few. */
export function isFew(changed: number, width: number | null): boolean {
  return width !== null && changed <= few * width;
}
