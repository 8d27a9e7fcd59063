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

/** Computes the angles of all positions from a config's rotary settings, and uploads them. */
export function loadRotation(config: Config, weights: Weights, { headWidth, positions }: RotationSizes): Rotation {
  const rotary = config.rotary();
  if (rotary.type === "dynamic") return { table: dynamicAngles(rotary, headWidth), pairs: "halves" };
  const angles = rotaryAngles(rotary, headWidth, positions);
  const buffer = weights.keep(weights.device.upload(angles));
  return { table: { rows: positions, width: angles.length / positions, buffer }, pairs: "halves" };
}

/** The longest text that a config's rotary settings take: those of type `dynamic` stretch, by their factor. */
export function stretchPositions(config: Config, positions: number): number {
  const rotary = config.rotary();
  return rotary.type === "dynamic" ? Math.max(positions, Math.floor(positions * rotary.factor)) : positions;
}

/**
 * Angles that depend on the length of each text, once it exceeds the model's positions. A text that goes on keeps, as
 * in transformers, the keys of what was read before at the angles that they had.
 */
function dynamicAngles(rotary: Rotary, headWidth: number): BatchAngles {
  const usual = rotaryAngles(rotary, headWidth, rotary.positions);
  const width = usual.length / rotary.positions;
  return {
    width,
    of({ tokens, starts, pasts }) {
      const all = new Float32Array(tokens * width);
      pasts.forEach((past, s) => {
        const length = past + starts[s + 1]! - starts[s]!;
        const angles = length <= rotary.positions ? usual : rotaryAngles(rotary, headWidth, length, length);
        all.set(angles.subarray(past * width, length * width), starts[s]! * width);
      });
      return all;
    },
  };
}
