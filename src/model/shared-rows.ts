import { NO_ROW } from "../kernels/gather-rows.js";
import { type Batch, packSequences } from "./batch.js";

/** Which tokens of copies of texts have rows of their own. */
export interface OwnRows {
  /** 1 for each packed token that may differ from its text, 0 for those that do not. */
  readonly own: Uint8Array;
  /** For each text, how many of its tokens are needed. */
  readonly ends: ArrayLike<number>;
}

/**
 * Lays copies of texts out for a network that sees whole sequences: first, text by text, the rows that some copy shares
 * with its text, then, copy by copy, those that differ from it. Tokens behind a text's end have none.
 */
export function packShared(sequences: readonly Uint32Array[], texts: number, { own, ends }: OwnRows): Batch {
  const packed = packSequences(sequences);
  const { starts, tokens } = packed;
  const { commonStarts, rowOfText, tokenOfRow } = packCommon(starts, texts, { own, ends });
  const rowOfToken = new Uint32Array(tokens).fill(NO_ROW);
  const ownStarts = new Uint32Array(sequences.length + 1).fill(tokenOfRow.length);
  for (let s = 0; s < sequences.length; s++) {
    const [start, text] = [starts[s]!, starts[s % texts]!];
    for (let t = 0; t < ends[s % texts]!; t++) {
      rowOfToken[start + t] = own[start + t] === 1 ? tokenOfRow.push(start + t) - 1 : rowOfText[text + t]!;
    }
    ownStarts[s + 1] = tokenOfRow.length;
  }
  if (ownStarts[0] === 0 && tokenOfRow.length === tokens) return packed;
  const ofRows = (values: Uint32Array) => Uint32Array.from(tokenOfRow, (token) => values[token]!);
  return {
    ...packed,
    rows: tokenOfRow.length,
    ids: ofRows(packed.ids),
    positions: ofRows(packed.positions),
    rowOfToken,
    commonStarts,
    ownStarts,
  };
}

/** The rows of the texts' tokens that some copy shares. */
function packCommon(starts: Uint32Array, texts: number, { own, ends }: OwnRows) {
  const tokens = starts[texts]!;
  const shared = new Uint8Array(tokens);
  for (let s = 0; s + 1 < starts.length; s++) {
    for (let t = 0; t < ends[s % texts]!; t++) if (own[starts[s]! + t] === 0) shared[starts[s % texts]! + t] = 1;
  }
  const commonStarts = new Uint32Array(texts + 1);
  const rowOfText = new Uint32Array(tokens);
  const tokenOfRow: number[] = [];
  for (let text = 0; text < texts; text++) {
    for (let token = starts[text]!; token < starts[text + 1]!; token++) {
      if (shared[token] === 1) rowOfText[token] = tokenOfRow.push(token) - 1;
    }
    commonStarts[text + 1] = tokenOfRow.length;
  }
  return { commonStarts, rowOfText, tokenOfRow };
}

/** Rows that stand together as attention sees them: what texts share, and what each sequence has of its own. */
export interface RowRuns {
  /** runs + 1 numbers: where each starts. */
  readonly starts: Uint32Array;
  /** The sequence that each is of; a text's first copy is its own. */
  readonly sequences: Uint32Array;
}

/** The runs of a batch: its sequences, and before them the texts whose copies share rows. */
export function runsOfRows({ commonStarts, ownStarts, sequences }: Batch): RowRuns {
  const texts = commonStarts.length - 1;
  return {
    starts: Uint32Array.of(...commonStarts.subarray(0, texts), ...ownStarts),
    sequences: Uint32Array.from({ length: texts + sequences }, (_, run) => (run < texts ? run : run - texts)),
  };
}

/**
 * For each run, where the keys are that its queries see: a prefix among the rows that its text's copies share, as long as
 * the copy has not parted, and its own rows. Four numbers each.
 */
export function keyRanges(batch: Batch): Uint32Array {
  const { commonStarts, sequences } = batch;
  const texts = commonStarts.length - 1;
  const { starts } = runsOfRows(batch);
  const ranges = new Uint32Array(4 * (starts.length - 1));
  for (let run = 0; run + 1 < starts.length; run++) ranges.set([0, 0, starts[run]!, starts[run + 1]!], 4 * run);
  for (let s = 0; s < sequences; s++) {
    const text = s % texts;
    ranges.set([commonStarts[text]!, commonStarts[text]! + partsAt(batch, s)], 4 * (texts + s));
  }
  return ranges;
}

/** The position at which a copy's own rows begin; 0 where it has none, and so asks for nothing. */
function partsAt({ ownStarts, positions }: Batch, s: number): number {
  return ownStarts[s]! < ownStarts[s + 1]! ? positions[ownStarts[s]!]! : 0;
}
