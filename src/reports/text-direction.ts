/** Letters of scripts that are written from right to left. */
const rightToLeft = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;

export type Direction = "ltr" | "rtl";

/** The direction of a text's first letter; null for one without letters. */
export function directionOf(text: string): Direction | null {
  const [letter] = text.match(/\p{L}/u) ?? [];
  if (letter === undefined) return null;
  return rightToLeft.test(letter) ? "rtl" : "ltr";
}

/** Whether any letter is written from right to left. */
export function hasRightToLeft(text: string): boolean {
  return rightToLeft.test(text);
}

/** The direction of a sentence of tokens: that of its first letter, from left to right without one. */
export function baseDirection(texts: readonly string[]): Direction {
  return directionOf(texts.join(" ")) ?? "ltr";
}

/**
 * The order in which tokens stand from left to right, by their numbers: those against the sentence's direction keep their
 * own among themselves. Digits run from left to right; what has neither letters nor digits goes with its neighbours where those agree, and
 * else with the sentence.
 */
export function visualOrder(texts: readonly string[]): number[] {
  const base = baseDirection(texts);
  const own = texts.map((text) => directionOf(text) ?? (/\p{Nd}/u.test(text) ? "ltr" : null));
  const resolved = own.map((direction, i) => {
    if (direction) return direction;
    const before = own.slice(0, i).findLast((other) => other !== null) ?? base;
    const after = own.slice(i).find((other) => other !== null) ?? base;
    return before === after ? before : base;
  });
  const runs: number[][] = [];
  resolved.forEach((direction, i) => {
    if (i > 0 && resolved[i - 1] === direction) runs.at(-1)!.push(i);
    else runs.push([i]);
  });
  const placed = runs.map((run) => (resolved[run[0]!] === "rtl" ? run.reverse() : run));
  return (base === "rtl" ? placed.reverse() : placed).flat();
}

/** How many characters of a fixed width a text takes: marks none, East Asian wide ones two. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const character of text) {
    if (/\p{Mn}|\p{Me}|\p{Cf}/u.test(character)) continue;
    columns += /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\uff01-\uff60]/u.test(character)
      ? 2
      : 1;
  }
  return columns;
}
