import { ArgumentError } from "../core/errors.js";
import { NO_ROW } from "../kernels/gather-rows.js";

/** Consecutive rows first … end − 1. */
export type Run = readonly [first: number, end: number];

/** How the tokens of some sequences lie as rows on the device. */
export interface Batch {
  readonly tokens: number;
  /** Rows on the device: fewer than tokens where copies of a text share some. */
  readonly rows: number;
  readonly sequences: number;
  readonly longest: number;
  /** sequences + 1 numbers: where each sequence starts among the packed tokens. */
  readonly starts: Uint32Array;
  /** Token ids by row. */
  readonly ids: Uint32Array;
  /** Position in its text, by row: tokens that were read before this batch count. */
  readonly positions: Uint32Array;
  /** The row of each packed token, NO_ROW for those that nobody asks for; null where they are the same. */
  readonly rowOfToken: Uint32Array | null;
  /** Rows that copies of a text share stand first, text by text: texts + 1 numbers; just 0 where there are none. */
  readonly commonStarts: Uint32Array;
  /** sequences + 1 numbers: where the rows of each sequence that it shares with no other start; unless time-major. */
  readonly ownStarts: Uint32Array;
  /** Rows of each time step, one behind the other; empty unless the batch is time-major. */
  readonly steps: readonly Run[];
  /** For each row, the place in the step before that it goes on from; null where every place goes on as it is. */
  readonly parents: Uint32Array | null;
  /** Rank of each sequence in a time step: longest first. Sequences themselves unless time-major. */
  readonly ranks: Uint32Array;
  /** Whether the sequences are parts of texts, so that positions may be named that lie in other parts. */
  readonly continued: boolean;
  /** Tokens of each sequence that were read before this batch. */
  readonly pasts: Uint32Array;
  /** The number under which random draws know each sequence. */
  readonly identities: Uint32Array;
}

/** What sequences go on from; left out: from nothing. */
export interface Past {
  /** Tokens of each sequence that were read before. */
  readonly pasts: Uint32Array;
  readonly identities: Uint32Array;
}

/** Sequence after sequence: row = packed token. */
export function packSequences(sequences: readonly Uint32Array[], past?: Past): Batch {
  const starts = startsOf(sequences);
  const { pasts, identities } = past ?? {
    pasts: new Uint32Array(sequences.length),
    identities: Uint32Array.from(sequences.keys()),
  };
  const tokens = starts.at(-1)!;
  const ids = new Uint32Array(tokens);
  const positions = new Uint32Array(tokens);
  sequences.forEach((sequence, s) => {
    ids.set(sequence, starts[s]);
    for (let t = 0; t < sequence.length; t++) positions[starts[s]! + t] = pasts[s]! + t;
  });
  return {
    tokens,
    rows: tokens,
    sequences: sequences.length,
    longest: longestOf(sequences),
    starts,
    ids,
    positions,
    rowOfToken: null,
    commonStarts: Uint32Array.of(0),
    ownStarts: starts,
    steps: [],
    parents: null,
    ranks: Uint32Array.from(sequences.keys()),
    continued: past !== undefined,
    pasts,
    identities,
  };
}

/**
 * Time step after time step: the rows of step t are the tokens t of all sequences longer than t, longest sequence
 * first (equal ones in their order), so that each step continues the first rows of the one before. Nothing is padded.
 */
export function packTimeMajor(sequences: readonly Uint32Array[], past?: Past): Batch {
  const packed = packSequences(sequences, past);
  const order = [...sequences.keys()].sort((a, b) => sequences[b]!.length - sequences[a]!.length || a - b);
  const rowOfToken = new Uint32Array(packed.tokens);
  const ids = new Uint32Array(packed.tokens);
  const positions = new Uint32Array(packed.tokens);
  const steps: Run[] = [];
  let row = 0;
  for (let t = 0, alive = order.length; t < packed.longest; t++) {
    while (sequences[order[alive - 1]!]!.length <= t) alive--;
    steps.push([row, row + alive]);
    for (const s of order.slice(0, alive)) {
      rowOfToken[packed.starts[s]! + t] = row;
      ids[row] = sequences[s]![t]!;
      positions[row++] = packed.pasts[s]! + t;
    }
  }
  const ranks = new Uint32Array(sequences.length);
  order.forEach((s, rank) => {
    ranks[s] = rank;
  });
  return { ...packed, ids, positions, rowOfToken, steps, ranks };
}

/** Tokens of a batch that an intervention means. */
export interface Token {
  readonly row: number;
  readonly sequence: number;
  /** In its text. */
  readonly position: number;
}

type Positions = readonly number[] | "last";

/** The row of each packed token of a time-major batch whose sequences are read from their ends. */
export function reversedRows({ sequences, starts, rowOfToken, tokens }: Batch): Uint32Array {
  const rows = new Uint32Array(tokens);
  for (let s = 0; s < sequences; s++) {
    for (let token = starts[s]!, mirror = starts[s + 1]! - 1; mirror >= starts[s]!; token++, mirror--) {
      rows[token] = rowOfToken![mirror]!;
    }
  }
  return rows;
}

/**
 * The rows of some tokens as runs, lowest first.
 *
 * @param sequence one, or a run of them; left out: all sequences
 * @param positions left out: all of them; a sequence that is too short for a position has no row for it, and nothing is
 *   meant by those whose row other copies share, as that differs from no text's
 * @throws ArgumentError for a sequence that the batch lacks, or a position that none of the sequences has
 */
export function rowsAt(batch: Batch, sequence?: number | Run, positions?: Positions): Run[] {
  if (sequence === undefined && positions === undefined) return nonEmpty([batch.ownStarts[0]!, batch.rows]);
  const [first, end] = runOfSequences(batch, sequence);
  const contiguous = positions === undefined && batch.steps.length === 0;
  if (contiguous) return nonEmpty([batch.ownStarts[first]!, batch.ownStarts[end]!]);
  const rows = new Uint32Array(batch.starts[end]! - batch.starts[first]!);
  let count = 0;
  eachMeant(batch, [first, end], positions, (row) => {
    rows[count++] = row;
  });
  return runsOf(rows.subarray(0, count).sort());
}

/** The same tokens one by one, in the order of their rows. @throws ArgumentError as `rowsAt` */
export function tokensAt(batch: Batch, sequence?: number | Run, positions?: Positions): Token[] {
  const tokens: Token[] = [];
  eachMeant(batch, runOfSequences(batch, sequence), positions, (row, sequence, position) => {
    tokens.push({ row, sequence, position });
  });
  return tokens.sort((a, b) => a.row - b.row);
}

/** Calls `take` for every token that is meant, sequence after sequence, but for those without a row. */
function eachMeant(
  batch: Batch,
  [first, end]: Run,
  positions: Positions | undefined,
  take: (row: number, sequence: number, position: number) => void,
): void {
  const { starts, pasts, rowOfToken } = batch;
  const wanted = positions === undefined || positions === "last" ? null : [...new Set(positions)].sort((a, b) => a - b);
  checkPositions(batch, [first, end], wanted ?? []);
  for (let sequence = first; sequence < end; sequence++) {
    const [start, past, length] = [starts[sequence]!, pasts[sequence]!, lengthOf(batch, sequence)];
    const takeToken = (t: number) => {
      if (t < 0 || t >= length) return; // the sequence is too short for it
      const row = rowOfToken?.[start + t] ?? start + t;
      if (row !== NO_ROW && row >= batch.ownStarts[0]!) take(row, sequence, past + t);
    };
    if (positions === "last") takeToken(length - 1);
    else if (wanted) for (const position of wanted) takeToken(position - past);
    else for (let t = 0; t < length; t++) takeToken(t);
  }
}

/** @throws ArgumentError for a position that none of the sequences has */
function checkPositions(batch: Batch, [first, end]: Run, positions: readonly number[]): void {
  let longest = 0;
  for (let sequence = first; sequence < end; sequence++) longest = Math.max(longest, lengthOf(batch, sequence));
  for (const position of positions) {
    if (Number.isInteger(position) && position >= 0 && (batch.continued || position < longest)) continue;
    throw new ArgumentError("positions", `positions from 0 to ${longest - 1}`, position);
  }
}

/** The sequences first … end − 1 that are meant. @throws ArgumentError for one that the batch lacks */
export function runOfSequences(batch: Pick<Batch, "sequences">, sequence: number | Run | undefined): Run {
  if (sequence === undefined) return [0, batch.sequences];
  const run: Run = typeof sequence === "number" ? [sequence, sequence + 1] : sequence;
  const known = run.every((place) => Number.isInteger(place) && place >= 0 && place <= batch.sequences);
  if (known && run[0] < run[1]) return run;
  throw new ArgumentError("sequence", `a sequence of the batch, from 0 to ${batch.sequences - 1}`, sequence);
}

/** Tokens of a sequence. */
export function lengthOf(batch: Batch, sequence: number): number {
  return batch.starts[sequence + 1]! - batch.starts[sequence]!;
}

function nonEmpty(run: Run): Run[] {
  return run[0] < run[1] ? [run] : [];
}

/** Ascending rows as runs. */
export function runsOf(rows: ArrayLike<number>): Run[] {
  const runs: Run[] = [];
  for (let first = 0, i = 0; i < rows.length; i++) {
    if (rows[i + 1] === rows[i]! + 1) continue;
    runs.push([rows[first]!, rows[i]! + 1]);
    first = i + 1;
  }
  return runs;
}

/** The row of each token. */
export function rowsOf(tokens: readonly Token[]): Uint32Array {
  return Uint32Array.from(tokens, ({ row }) => row);
}

function startsOf(sequences: readonly Uint32Array[]): Uint32Array {
  const starts = new Uint32Array(sequences.length + 1);
  sequences.forEach((sequence, s) => {
    starts[s + 1] = starts[s]! + sequence.length;
  });
  return starts;
}

function longestOf(sequences: readonly Uint32Array[]): number {
  return sequences.reduce((longest, { length }) => Math.max(longest, length), 0);
}
