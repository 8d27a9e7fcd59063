/** Numbers as the page shows them. */
export const percent = (share, digits = 0) => `${(100 * share).toFixed(digits)} %`;
export const counted = (count) => count.toLocaleString("en");

/** A number to so many digits, with a real minus; small ones with a power of ten. */
export function amount(number, digits = 3) {
  const [, sign, decimal, power] = /^(-?)([\d.]+)(?:e([+-]\d+))?$/.exec(precise(number, digits));
  return `${sign && "−"}${decimal}${power ? ` × 10${raised(Number(power))}` : ""}`;
}

/** An interval between two numbers. */
export const between = (low, high, digits = 2) => `${amount(low, digits)} … ${amount(high, digits)}`;

/** How many times as much: `7.1 times`. */
export const times = (ratio) => `${ratio.toPrecision(2)} times`;

function precise(number, digits) {
  return number !== 0 && Math.abs(number) < 1e-4 ? number.toExponential(digits - 1) : number.toPrecision(digits);
}

function raised(power) {
  return [...String(power)].map((sign) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[sign] ?? "⁻").join("");
}
