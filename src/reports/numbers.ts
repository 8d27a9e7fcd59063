/** A number as tables show it: four significant digits, a real minus, thousands apart. */
export function shown(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return grouped(value);
  const size = Math.abs(value);
  const text = size >= 1000 ? grouped(Math.round(value)) : size < 1e-4 ? value.toExponential(2) : significant(value);
  return text.replace("-", "−");
}

/** The interval of one of several numbers as tables show it. */
export function shownBetween(
  { low, high }: { readonly low: ArrayLike<number>; readonly high: ArrayLike<number> },
  i: number,
): string {
  return `${shown(low[i]!)} to ${shown(high[i]!)}`;
}

function significant(value: number): string {
  const digits = Math.max(0, Math.min(6, 3 - Math.floor(Math.log10(Math.abs(value)))));
  return value.toFixed(digits);
}

function grouped(value: number): string {
  return Math.abs(value)
    .toFixed(0)
    .replace(/\B(?=(\d{3})+$)/g, "\u202f")
    .replace(/^/, value < 0 ? "−" : "");
}
