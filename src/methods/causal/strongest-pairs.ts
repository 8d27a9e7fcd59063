import type { Interactions } from "./interactions.js";

/** Two units, by their places in the table, and where their effect stands in it. */
export interface UnitPair {
  readonly first: number;
  readonly second: number;
  readonly place: number;
}

/** The pairs of units whose effects are farthest from 0. */
export function strongestPairs({ order, effects }: Pick<Interactions, "order" | "effects">, count: number): UnitPair[] {
  const units = order.length;
  const pairs = Array.from(effects, (_, place) => ({ first: Math.floor(place / units), second: place % units, place }));
  return pairs
    .filter(({ first, second }) => first < second)
    .sort((a, b) => Math.abs(effects[b.place]!) - Math.abs(effects[a.place]!) || a.place - b.place)
    .slice(0, count);
}
