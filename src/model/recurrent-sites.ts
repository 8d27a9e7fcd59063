import { type Cell, gateBlocks } from "./recurrent-cell.js";
import type { ModelSite } from "./sites.js";

/** What tells the sites of one recurrent network from another's. */
export interface RecurrentWidths {
  readonly cell: Cell;
  /** Of the embedding. */
  readonly embedding: number;
  /** Of each layer, and of each direction of one. */
  readonly width: number;
  readonly layers: number;
  /** What a layer's parts are called where it reads in several directions. */
  readonly directions?: readonly string[];
}

/** The sites of a recurrent network up to its head. */
export function recurrentSites({ cell, embedding, width, layers, directions }: RecurrentWidths): ModelSite[] {
  const gates = Object.keys(gateBlocks[cell]).map((gate) => `gate.${gate}`);
  const parts = ["hidden", ...(cell === "lstm" ? ["cell"] : []), ...gates];
  const names = directions ? directions.flatMap((direction) => parts.map((part) => `${direction}.${part}`)) : parts;
  const numbers = Array.from({ length: layers }, (_, n) => n);
  return [
    { name: "embed", width: embedding },
    ...numbers.flatMap((n) => names.map((name) => ({ name: `layers.${n}.${name}`, width }))),
  ];
}
