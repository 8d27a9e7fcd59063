import { interventionTable } from "../kernels/intervene.js";
import type { Batch } from "./batch.js";
import { type ChangedColumns, changedColumns, entriesOf, isFew } from "./changed-columns.js";
import { headsOf } from "./intervention-columns.js";
import type { InterventionTable } from "./intervention-table.js";
import type { Network } from "./network.js";
import { findSite } from "./sites.js";

/** What changes in copies of texts, where a linear map reads it. */
export interface Changes {
  /** The site at which copies part, or that of the heads which are made of it; null where they do not part. */
  readonly changedAt: string | null;
  /** What is changed of that site. */
  readonly changed: ChangedColumns;
  /** Whether that is little of each row. */
  readonly fewChanged: boolean;
  /**
   * Entries that put each copy's own heads in the place of its text's, as `intervene` reads them from rows of all heads; none
   * where no queries, keys or values are changed.
   */
  readonly headEntries: Uint32Array;
}

/** Looks up what changes in a batch's copies. @param forkedAt the site at which they part */
export function changesAt(network: Network, table: InterventionTable, batch: Batch, forkedAt: string | null): Changes {
  const behind = forkedAt === null ? null : headsBehind(forkedAt);
  const made = behind === null ? null : changedHeads(network, table, batch, { site: forkedAt!, behind });
  const changedAt = behind ?? forkedAt;
  const changed = made?.changed ?? changedColumns(table, forkedAt ?? "", batch.rows);
  const width = network.sites.find(({ name }) => name === changedAt)?.width ?? null;
  return {
    changedAt,
    changed,
    fewChanged: isFew(changed.most, width),
    headEntries: made?.entries ?? new Uint32Array(0),
  };
}

/** The site of the heads that are made of a layer's queries, keys or values; null for every other site. */
function headsBehind(site: string): string | null {
  const [, attention] = /^(.*\battention)\.(query|key|value)$/.exec(site) ?? [];
  return attention === undefined ? null : `${attention}.heads`;
}

/** The heads of copies that differ from their texts': from a copy's first row of its own on, as each row sees those before. */
function changedHeads(
  { sites, heads }: Network,
  table: InterventionTable,
  { rows, sequences, ownStarts }: Batch,
  { site, behind }: { readonly site: string; readonly behind: string },
): { readonly changed: ChangedColumns; readonly entries: Uint32Array } {
  const width = findSite(sites, behind).width!;
  const size = width / heads;
  const sharing = heads / headsOf(findSite(sites, site), sites, heads)!; // query heads that read one head of the site
  const sequenceOfRow = new Int32Array(rows).fill(-1);
  for (let s = 0; s < sequences; s++) sequenceOfRow.fill(s, ownStarts[s], ownStarts[s + 1]);
  const ofSequences = new Map<number, Set<number>>();
  for (const { firstRow, endRow, columns } of entriesOf(table, site)) {
    const read = [...new Set(Array.from(columns, (column) => Math.floor(column / size)))];
    const own = read.flatMap((head) => Array.from({ length: sharing }, (_, i) => head * sharing + i));
    for (const s of new Set(sequenceOfRow.subarray(firstRow, endRow))) {
      ofSequences.set(s, new Set([...(ofSequences.get(s) ?? []), ...own]));
    }
  }
  const all = [...new Set([...ofSequences.values()].flatMap((own) => [...own]))].sort((a, b) => a - b);
  const ofRow = new Uint32Array(rows);
  const entries = [...ofSequences].flatMap(([s, own]) => {
    const [first, end] = [ownStarts[s]!, ownStarts[s + 1]!];
    ofRow.fill((all.indexOf(Math.max(...own)) + 1) * size - 1, first, end);
    return [...own].map((head) => ({
      rows: [first, end] as const,
      columns: [head * size, (head + 1) * size] as const,
      operation: "replace" as const,
      vector: { offset: first * width + head * size, step: width },
    }));
  });
  const neurons = Uint32Array.from(all.flatMap((head) => Array.from({ length: size }, (_, i) => head * size + i)));
  const most = size * Math.max(0, ...[...ofSequences.values()].map((own) => own.size));
  return { changed: { most, neurons, ofRow }, entries: interventionTable(entries) };
}
