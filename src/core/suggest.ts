import { ArgumentError } from "./errors.js";

/**
 * ` (did you mean "x"?)` for a misspelt name, to be put behind what an error expected; empty where nothing is near.
 * Near is a third of the name's letters, at most four, in insertions, deletions, replacements and swaps; case is free.
 */
export function suggest(name: string, known: Iterable<string>): string {
  const nearest = nearestNames(name, known);
  if (nearest.length === 0) return "";
  return ` (did you mean ${nearest.map((near) => JSON.stringify(near)).join(" or ")}?)`;
}

/**
 * Hands `name` back if it is one of the `known`.
 *
 * @throws ArgumentError that lists the known names (the first forty), with the nearest ones
 */
export function checkKnown<Name extends string>(argument: string, name: string, known: Iterable<Name>): Name {
  const names = [...known];
  const found = names.find((candidate) => candidate === name);
  if (found !== undefined) return found;
  const list = names.length > 40 ? `${names.slice(0, 40).join(", ")}, …` : names.join(", ");
  throw new ArgumentError(argument, `one of ${list}${suggest(name, names)}`, name);
}

/** The known names nearest to a misspelt one: at most three, nearest first, in the order in which they were given. */
export function nearestNames(name: string, known: Iterable<string>): string[] {
  const limit = Math.max(1, Math.min(4, Math.floor(name.length / 3)));
  const letters = [...name.toLowerCase()];
  const found: { near: string; distance: number }[] = [];
  for (const near of new Set(known)) {
    if (Math.abs(near.length - name.length) > limit + 2) continue;
    const distance = editDistance(letters, [...near.toLowerCase()]);
    if (distance <= limit) found.push({ near, distance });
  }
  const least = Math.min(...found.map(({ distance }) => distance));
  return found.flatMap(({ near, distance }) => (distance === least ? [near] : [])).slice(0, 3);
}

/** Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b` (optimal string alignment). */
function editDistance(a: readonly string[], b: readonly string[]): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      const best = Math.min(replaced, previous[j]! + 1, row[j - 1]! + 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(swapped ? Math.min(best, before[j - 2]! + 1) : best);
    }
    before = previous;
    previous = row;
  }
  return previous[b.length]!;
}
