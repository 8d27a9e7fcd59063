import type { Config } from "./config.js";
import type { BatchAngles } from "./network.js";
import { type Rotary, rotaryAngles } from "./rotary.js";
import type { Rotation } from "./self-attention.js";
import type { Weights } from "./weights.js";

/** What a rotation is made for. */
export interface RotationSizes {
  readonly headWidth: number;
  readonly positions: number;
}

/** Angles that are worth their memory whether texts need them or not. */
const fewAngles = 2 ** 20;

/**
 * The angles of a config's rotary settings: those of all positions, uploaded; of very many positions or of type
 * `dynamic`, what computes those of each batch.
 */
export function loadRotation(config: Config, weights: Weights, { headWidth, positions }: RotationSizes): Rotation {
  const rotary = config.rotary();
  const width = rotaryAngles(rotary, headWidth, 1).length;
  if (rotary.type === "dynamic") return { table: dynamicAngles(rotary, headWidth), pairs: "halves" };
  if (positions * width > fewAngles) return { table: growingAngles(rotary, headWidth, positions), pairs: "halves" };
  const buffer = weights.keep(weights.device.upload(rotaryAngles(rotary, headWidth, positions)));
  return { table: { rows: positions, width, buffer }, pairs: "halves" };
}

/** The longest text that a config's rotary settings take: those of type `dynamic` stretch, by their factor. */
export function stretchPositions(config: Config, positions: number): number {
  const rotary = config.rotary();
  return rotary.type === "dynamic" ? Math.max(positions, Math.floor(positions * rotary.factor)) : positions;
}

/** Angles of as many positions as texts have had so far. */
function growingAngles(rotary: Rotary, headWidth: number, positions: number): BatchAngles {
  let table = rotaryAngles(rotary, headWidth, 1);
  const width = table.length;
  return anglesByLength(width, (length) => {
    const rows = table.length / width;
    if (length > rows) table = rotaryAngles(rotary, headWidth, Math.min(positions, Math.max(length, 2 * rows, 1024)));
    return table;
  });
}

/**
 * Angles that depend on the length of each text, once it exceeds the model's positions. A text that goes on keeps, as
 * in transformers, the keys of what was read before at the angles that they had.
 */
function dynamicAngles(rotary: Rotary, headWidth: number): BatchAngles {
  const usual = rotaryAngles(rotary, headWidth, rotary.positions);
  const width = usual.length / rotary.positions;
  return anglesByLength(width, (length) =>
    length <= rotary.positions ? usual : rotaryAngles(rotary, headWidth, length, length),
  );
}

/** @param tableOf the angles of the positions of a text of some length, or of more */
function anglesByLength(width: number, tableOf: (length: number) => Float32Array): BatchAngles {
  return {
    width,
    of({ tokens, starts, pasts }) {
      const all = new Float32Array(tokens * width);
      pasts.forEach((past, s) => {
        const length = past + starts[s + 1]! - starts[s]!;
        all.set(tableOf(length).subarray(past * width, length * width), starts[s]! * width);
      });
      return all;
    },
  };
}
