import { ArgumentError } from "../core/errors.js";
import { suggest } from "../core/suggest.js";

/** What every method takes. */
const everywhere = ["device", "seed"];

/**
 * Refuses options that a method does not have.
 *
 * @param known names beside `device` and `seed`
 * @throws ArgumentError that lists what it has, with near names
 */
export function checkOptions(method: string, options: object, known: readonly string[]): void {
  const all = [...known, ...everywhere];
  const stranger = Object.keys(options).find((name) => !all.includes(name));
  if (stranger === undefined) return;
  throw new ArgumentError("options", `only ${all.join(", ")} for ${method}${suggest(stranger, all)}`, stranger);
}
