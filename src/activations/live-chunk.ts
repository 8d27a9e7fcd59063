import { formBatches } from "../corpus/batches.js";
import type { Unit } from "./live-units.js";

/** Consecutive rows of a live model and the sequences it has to read for them. */
export interface Chunk {
  readonly firstRow: number;
  readonly tokens: number;
  /** Sequences of similar length, in the order in which they are read. */
  readonly batches: readonly Pick<Unit, "sequences" | "sources">[];
  /** Row i is made of the tokens members[offsets[i]] … members[offsets[i + 1] − 1], numbered as they are read. */
  readonly offsets: Uint32Array;
  readonly members: Uint32Array;
}

/** How much is read at once. */
export interface ChunkLimits {
  /** Tokens of a chunk; a longer unit is a chunk of its own. */
  readonly chunkTokens: number;
  /** Rows after which a chunk takes no further unit. */
  readonly chunkRows: number;
  /** Tokens of a batch; a longer sequence is a batch of its own. */
  readonly batchTokens: number;
}

/** Divides units into chunks, in their order. */
export function* formChunks(units: readonly Unit[], limits: ChunkLimits): Generator<Chunk> {
  let firstRow = 0;
  for (let from = 0; from < units.length; ) {
    let to = from;
    let tokens = 0;
    let rows = 0;
    while (to < units.length && (to === from || rows < limits.chunkRows)) {
      const more = countTokens(units[to]!);
      if (to > from && tokens + more > limits.chunkTokens) break;
      tokens += more;
      rows += units[to]!.rows.length;
      to++;
    }
    yield chunkOf(units.slice(from, to), firstRow, limits.batchTokens);
    firstRow += rows;
    from = to;
  }
}

function countTokens(unit: Unit): number {
  return unit.sequences.reduce((sum, sequence) => sum + sequence.length, 0);
}

function chunkOf(units: readonly Unit[], firstRow: number, batchTokens: number): Chunk {
  const sequences = units.flatMap((unit) => unit.sequences);
  const sources = units.flatMap((unit) => unit.sources ?? []);
  const order = formBatches(
    sequences.map((sequence, number) => sequence.length + (sources[number]?.length ?? 0)),
    batchTokens,
  );
  const { starts, tokens } = readingStarts(sequences, order);
  const rows = units.flatMap((unit) => unit.rows);
  const offsets = new Uint32Array(rows.length + 1);
  rows.forEach((row, i) => {
    offsets[i + 1] = offsets[i]! + row.length;
  });
  const members = new Uint32Array(offsets[rows.length]!);
  let sequence = 0;
  let member = 0;
  for (const unit of units) {
    const place = placesIn(unit, starts.subarray(sequence, sequence + unit.sequences.length));
    for (const row of unit.rows) for (const token of row) members[member++] = place(token);
    sequence += unit.sequences.length;
  }
  const batches = order.map((batch) => {
    const read = { sequences: batch.map((number) => sequences[number]!) };
    return sources.length === 0 ? read : { ...read, sources: batch.map((number) => sources[number]!) };
  });
  return { firstRow, tokens, batches, offsets, members };
}

/** The number of the first token of each sequence when they are read batch after batch. */
function readingStarts(sequences: readonly Uint32Array[], order: readonly (readonly number[])[]) {
  const starts = new Uint32Array(sequences.length);
  let tokens = 0;
  for (const number of order.flat()) {
    starts[number] = tokens;
    tokens += sequences[number]!.length;
  }
  return { starts, tokens };
}

/** Turns a token of a unit into its number as it is read, from where the unit's sequences start. */
function placesIn(unit: Unit, starts: Uint32Array): (token: number) => number {
  return (token) => {
    let inside = token;
    let sequence = 0;
    while (inside >= unit.sequences[sequence]!.length) inside -= unit.sequences[sequence++]!.length;
    return starts[sequence]! + inside;
  };
}
