import { projectSites } from "../../activations/projected-source.js";
import { selectRows } from "../../activations/selected-rows.js";
import type { ActivationSource } from "../../activations/source.js";
import { ArgumentError } from "../../core/errors.js";
import { hash } from "../../core/random.js";
import { neuronName, type Site } from "../../core/sites.js";
import type { Device } from "../../device/device.js";
import type { MethodContext } from "../result.js";
import { randomRotation } from "./random-rotation.js";

/** Whether the neurons of a site say a concept better than other directions of its space do, on held-out sentences. */
export interface BasisControl {
  /** The value of the concept, or the number's key. */
  readonly value: string;
  readonly site: string;
  /** The score of the neuron that is best on the other sentences. */
  readonly neuron: { readonly name: string; readonly score: number };
  /** The same of the neurons of a random rotation: as many directions that mean nothing. */
  readonly rotation: number;
  /** Of the difference of means between the concept's rows and the others; of a number, of the covariance with it. */
  readonly direction: number;
  /** What a direction that knows nothing scores; 0 for a correlation. */
  readonly chance: number;
}

/** Scores, columns × concepts, of neurons as they are and, where a neuron may speak by small values, turned round. */
export interface SidedScores {
  readonly positive: Float64Array;
  readonly negative: Float64Array | null;
}

/** Some of the concepts of a control. */
export interface Part {
  readonly first: number;
  readonly count: number;
}

/** What a control is of. `rows` are those of the source, by their numbers in the whole. */
export interface ControlTarget {
  readonly names: readonly string[];
  score(source: ActivationSource, rows: Uint32Array, part: Part): Promise<SidedScores>;
  /** One direction per concept: concepts × columns. */
  directions(source: ActivationSource, rows: Uint32Array, part: Part): Promise<Float64Array>;
  /** By concept, on those rows. */
  chance(rows: Uint32Array): ArrayLike<number>;
}

/** Rows of about half the sentences, and of the others. */
export interface Halves {
  readonly chosen: Uint32Array;
  readonly held: Uint32Array;
}

/** Concepts whose directions are scored at a time. */
const together = 32;

/** Where controls are made. */
export interface ControlPlace {
  readonly source: ActivationSource;
  readonly device: Device;
  readonly seed: number;
  readonly context: MethodContext;
}

/**
 * The basis control of every concept and site: neurons and directions are chosen on one half of the sentences and scored on the
 * other. Rotations are seeded, one a width. Reads the source six times and once more for every 16 concepts.
 */
export async function basisControls(
  place: ControlPlace,
  target: ControlTarget,
  halves: Halves,
): Promise<BasisControl[]> {
  const { source, device, seed } = place;
  const neurons = await bestOnHeld(source, target, halves);
  const rotated = projectSites(source, device, await rotationsOf(source.sites, seed));
  const rotations = await bestOnHeld(rotated, target, halves);
  const directions = await directionScores(place, target, halves);
  const chance = target.chance(halves.held);
  return target.names.flatMap((value, c) =>
    source.sites.map(({ name: site }, s) => {
      const at = c * source.sites.length + s;
      const { column, score } = neurons[at]!;
      const neuron = { name: neuronName(source.sites, column), score };
      return { value, site, neuron, rotation: rotations[at]!.score, direction: directions[at]!, chance: chance[c]! };
    }),
  );
}

/** Splits sentences by a seeded draw; rows without sentences are one each. @throws ArgumentError where a half is empty */
export function halvesOf({ rows, table }: ActivationSource, seed: number): Halves {
  const all = Uint32Array.from({ length: rows }, (_, row) => row);
  const isHeld = (row: number) => hash(seed, table?.sentence[row] ?? row) % 2 === 1;
  const halves = { chosen: all.filter((row) => !isHeld(row)), held: all.filter(isHeld) };
  if (halves.chosen.length > 0 && halves.held.length > 0) return halves;
  throw new ArgumentError(
    "controls",
    "sentences to choose by and others to hold out",
    `${rows} rows of too few sentences`,
  );
}

async function rotationsOf(sites: readonly Site[], seed: number): Promise<Float32Array[]> {
  const made = new Map<number, Float32Array>();
  for (const { width } of sites) {
    if (!made.has(width)) made.set(width, Float32Array.from(await randomRotation(width, hash(seed, width))));
  }
  return sites.map(({ width }) => made.get(width)!);
}

/** By concept and site: the column that is best on the chosen half, and its score, by the same side, on the other. */
async function bestOnHeld(source: ActivationSource, target: ControlTarget, { chosen, held }: Halves) {
  const whole = { first: 0, count: target.names.length };
  const before = await target.score(selectRows(source, chosen), chosen, whole);
  const after = await target.score(selectRows(source, held), held, whole);
  return target.names.flatMap((_, c) =>
    source.sites.map((site) => {
      const { column, side } = bestOf(before, site, c, whole.count);
      return { column, score: after[side]![column * whole.count + c]! };
    }),
  );
}

function bestOf(scores: SidedScores, { offset, width }: Site, concept: number, count: number) {
  let best: { column: number; side: "positive" | "negative" } = { column: offset, side: "positive" };
  let most = Number.NEGATIVE_INFINITY;
  for (const side of ["positive", "negative"] as const) {
    for (let column = offset; column < offset + width; column++) {
      const score = scores[side]?.[column * count + concept] ?? Number.NEGATIVE_INFINITY;
      if (score <= most) continue;
      most = score;
      best = { column, side };
    }
  }
  return best;
}

/** By concept and site: what its direction of the chosen half scores on the other. */
async function directionScores(
  { source, device, context }: ControlPlace,
  target: ControlTarget,
  { chosen, held }: Halves,
): Promise<number[]> {
  const scores: number[] = [];
  for (let first = 0; first < target.names.length; first += together) {
    context.signal?.throwIfAborted();
    const part = { first, count: Math.min(together, target.names.length - first) };
    const found = await target.directions(selectRows(source, chosen), chosen, part);
    const projected = projectSites(
      source,
      device,
      source.sites.map((site) => unitDirections(found, source, site)),
    );
    const { positive } = await target.score(selectRows(projected, held), held, part);
    for (let c = 0; c < part.count; c++) {
      for (const { offset } of projected.sites) scores.push(positive[(offset + c) * part.count + c]!);
    }
    context.onProgress?.(first + part.count, target.names.length, "directions");
  }
  return scores;
}

/** Every direction at one site, with length 1. */
function unitDirections(all: Float64Array, { columns }: ActivationSource, { offset, width }: Site): Float32Array {
  const units = new Float32Array((all.length / columns) * width);
  for (let start = 0, at = 0; start < all.length; start += columns, at += width) {
    const own = all.subarray(start + offset, start + offset + width);
    const length = Math.sqrt(own.reduce((sum, value) => sum + value * value, 0));
    units.set(length === 0 ? own : own.map((value) => value / length), at);
  }
  return units;
}
