import { extname } from "node:path";
import { FileError } from "../core/errors.js";
import { readNpy } from "../core/npy-values.js";
import type { NeuronRows } from "../model/interventions.js";
import { rowsOf } from "./neuron-values.js";
import { openSource } from "./open.js";

/**
 * Reads directions: an `.npy` of one number per neuron, or of a row of them for each direction; or whatever else
 * activations are read from, a direction a row.
 *
 * @throws FileError for an array of more dimensions, and as `openSource`
 */
export async function readDirections(path: string): Promise<NeuronRows> {
  if (extname(path).toLowerCase() !== ".npy") return await rowsOf(openSource(path));
  const { shape, values } = await readNpy(path);
  if (shape.length !== 1 && shape.length !== 2)
    throw new FileError(path, `expected a direction, or rows of them, but its shape is (${shape.join(", ")})`);
  return { sites: [{ name: "activations", width: shape.at(-1)!, offset: 0 }], values: Float32Array.from(values) };
}
