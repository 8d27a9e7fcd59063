/** An interval as lines show it: `2.6113 to 2.9021`. */
export function intervalText(
  { low, high }: { readonly low: ArrayLike<number>; readonly high: ArrayLike<number> },
  i: number,
): string {
  return [low, high].map((bounds) => (bounds[i] ?? Number.NaN).toPrecision(5)).join(" to ");
}
