import { entryWords, listedColumns } from "../kernels/intervene.js";
import type { InterventionTable } from "./intervention-table.js";

/** Which columns of a site a table changes. */
export interface ChangedColumns {
  /** Of a row at most; one that is changed twice counts twice. */
  readonly most: number;
  /** All of them. */
  readonly neurons: Uint32Array;
  /** The place of each row's last one among these; 0 for a row that has none. */
  readonly ofRow: Uint32Array;
}

/** Looks up what changes at a site. @param rows of the site */
export function changedColumns(table: InterventionTable, site: string, rows: number): ChangedColumns {
  const entries = entriesOf(table, site);
  const most = mostOf(entries, rows);
  const ofRow = new Uint32Array(rows);
  const places = new Map<number, number>();
  for (const { firstRow, endRow, columns } of entries) {
    for (const column of columns) {
      places.set(column, places.get(column) ?? places.size);
      ofRow.fill(places.get(column)!, firstRow, endRow);
    }
  }
  return { most, neurons: Uint32Array.from(places.keys()), ofRow };
}

/** A change of some rows' columns. */
export interface ChangedEntry {
  readonly firstRow: number;
  readonly endRow: number;
  readonly columns: Uint32Array;
}

/** The changes of a site. */
export function entriesOf({ entries, listed, groups }: InterventionTable, site: string): ChangedEntry[] {
  const { first, count } = groups.get(site) ?? { first: 0, count: 0 };
  return Array.from({ length: count }, (_, i) => {
    const [firstRow = 0, endRow = 0, from = 0, to = 0, operation = 0] = entries.subarray((first + i) * entryWords);
    const run = () => Uint32Array.from({ length: to - from }, (_, i) => from + i);
    return { firstRow, endRow, columns: operation >= listedColumns ? listed.subarray(from, to) : run() };
  });
}

function mostOf(entries: readonly ChangedEntry[], rows: number): number {
  const steps = new Float64Array(rows + 1);
  for (const { firstRow, endRow, columns } of entries) {
    steps[firstRow]! += columns.length;
    steps[endRow]! -= columns.length;
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
export function isFew(most: number, width: number | null): boolean {
  return width !== null && most <= few * width;
}
