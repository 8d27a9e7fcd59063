import type { Config } from "./config.js";
import { rotaryAngles } from "./rotary.js";
import type { Rotation } from "./self-attention.js";
import type { Weights } from "./weights.js";

/** Computes the angles of all positions from a config's rotary settings, and uploads them. */
export function loadRotation(
  config: Config,
  weights: Weights,
  { headWidth, positions }: { readonly headWidth: number; readonly positions: number },
): Rotation {
  const angles = rotaryAngles(config.rotary(), headWidth, positions);
  const table = {
    rows: positions,
    width: angles.length / positions,
    buffer: weights.keep(weights.device.upload(angles)),
  };
  return { table, pairs: "halves" };
}
