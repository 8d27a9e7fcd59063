import { NO_ROW } from "../kernels/gather-rows.js";
import { type Batch, packSequences, type Run, runOfSequences } from "./batch.js";
import type { Intervention } from "./interventions.js";
import { type ForwardRequest, NO_TARGET } from "./model.js";
import { classifiesSequences, type Network } from "./network.js";

/** Where copies of texts may differ from them, and how far they are read. */
export interface CopyPlaces {
  /** For each sequence, the first position at which it may differ from its text. */
  readonly forks: ArrayLike<number>;
  /** For each text, how many of its tokens are needed. */
  readonly ends: ArrayLike<number>;
}

/**
 * Lays copies of texts out by time step, for a network that reads from left to right: up to where a copy may differ it
 * has the rows of its text, which copies that have not parted either share; tokens behind the text's end have none.
 * The rows of a step stand text by text, the longest first, so that each step continues the first rows of the one
 * before, but for those that part.
 */
export function packCopies(sequences: readonly Uint32Array[], texts: number, { forks, ends }: CopyPlaces): Batch {
  const packed = packSequences(sequences);
  const order = Array.from({ length: texts }, (_, text) => text).sort((a, b) => ends[b]! - ends[a]! || a - b);
  const copiesOf = (text: number) => {
    const copies = Array.from({ length: sequences.length / texts }, (_, copy) => text + copy * texts);
    return copies.sort((a, b) => forks[a]! - forks[b]! || a - b);
  };
  const copies = order.map(copiesOf);
  const rowOfToken = new Uint32Array(packed.tokens).fill(NO_ROW);
  const perRow = () => new Uint32Array(packed.tokens);
  const [ids, positions, parents] = [perRow(), perRow(), perRow()];
  const steps: Run[] = [];
  let rows = 0;
  let before = new Uint32Array(sequences.length);
  let ranks = before;
  let moved = false;
  for (let t = 0; t < (ends[order[0]!] ?? 0); t++) {
    const first = rows;
    const places = new Uint32Array(sequences.length);
    for (const [rank, text] of order.entries()) {
      if (ends[text]! <= t) break;
      let shared = -1;
      for (const s of copies[rank]!) {
        if (shared < 0 || forks[s]! <= t) {
          const place = rows - first;
          if (forks[s]! > t) shared = place;
          moved ||= t > 0 && before[s] !== place;
          parents[rows] = t === 0 ? place : before[s]!;
          ids[rows] = sequences[s]![t]!;
          positions[rows++] = t;
        }
        places[s] = rows - first - 1;
        rowOfToken[packed.starts[s]! + t] = rows - 1;
      }
    }
    steps.push([first, rows]);
    if (t === 0) ranks = places;
    before = places;
  }
  return {
    ...packed,
    rows,
    ids: ids.slice(0, rows),
    positions: positions.slice(0, rows),
    rowOfToken,
    steps,
    parents: moved ? parents.slice(0, rows) : null,
    ranks,
  };
}

/**
 * What of a batch of copies has to be computed: a copy parts from its text at the first position that is changed, or at
 * its beginning where the network reads from the end too, and nothing is needed behind the last target.
 */
export function placesOfCopies(network: Network, request: ForwardRequest, batch: Batch): CopyPlaces {
  const { sequences, interventions = [] } = request;
  const forks = sequences.map(({ length }) => length);
  for (const intervention of interventions) {
    const [first, end] = runOfSequences(batch, intervention.sequence);
    for (let s = first; s < end; s++) {
      forks[s] = Math.min(forks[s]!, partsAtOnce(network) ? 0 : firstPosition(intervention, sequences[s]!.length));
    }
  }
  return { forks, ends: readsAll(network, request) ? lengthsOf(request) : neededEnds(network, request, batch) };
}

/** The tokens of each text. */
export function lengthsOf({ sequences, texts }: ForwardRequest): number[] {
  return sequences.slice(0, texts).map(({ length }) => length);
}

/** Tokens of each text up to the last that some copy's prediction is read of; at least one. */
export function neededEnds(network: Network, request: ForwardRequest, batch: Batch): number[] {
  const { sequences, texts = sequences.length } = request;
  const ends = new Array<number>(texts).fill(1);
  sequences.forEach((ids, s) => {
    ends[s % texts] = Math.max(ends[s % texts]!, neededOf(network, request, ids, batch.starts[s]!, s));
  });
  return ends;
}

/** Whether a change at a position can reach those before it. */
function reachesBack({ recurrence }: Network): boolean {
  return recurrence?.directions === 2;
}

/** Whether copies part at their beginning: a decoder's steps hold more than the state that moves between places. */
function partsAtOnce(network: Network): boolean {
  return reachesBack(network) || network.encoder !== null;
}

/** Whether someone looks at all tokens. */
function readsAll(network: Network, { capture, compareWith, scores = [], targets }: ForwardRequest): boolean {
  const looked = capture !== undefined || compareWith !== undefined || scores.length > 0 || targets === undefined;
  return looked || reachesBack(network);
}

/** Tokens of a sequence up to the last that is read. */
function neededOf(network: Network, { targets }: ForwardRequest, ids: Uint32Array, start: number, s: number): number {
  if (classifiesSequences(network)) return targets![s] === NO_TARGET ? 0 : network.head!.reads!(ids) + 1;
  let end = ids.length;
  while (end > 0 && targets![start + end - 1] === NO_TARGET) end--;
  return end;
}

function firstPosition({ positions }: Intervention, length: number): number {
  if (positions === undefined) return 0;
  return positions === "last" ? length - 1 : Math.min(...positions, length);
}
