import { ArgumentError } from "../core/errors.js";
import { checkKnown, suggest } from "../core/suggest.js";
import { type Method, type MethodOption, methods } from "../methods/table.js";
import type { OptionDescription } from "./command.js";
import { convertText } from "./parse.js";

/** The methods of one command. */
function methodsOf(command: Method["command"]): readonly Method[] {
  return methods.filter((method) => method.command === command);
}

/** Finds a method by its name. @throws ArgumentError that lists the methods and suggests near names */
export function findMethod(command: Method["command"], name: string): Method {
  const known = methodsOf(command);
  checkKnown(
    "method",
    name,
    known.map((method) => method.name),
  );
  const found = known.find((method) => method.name === name);
  if (!found) throw new ArgumentError("method", "a method", name);
  return found;
}

/** A line of help for each method of a command. */
export function methodNotes(command: Method["command"]): string[] {
  return methodsOf(command).map(({ name, summary, concept, options }) => {
    const own = Object.keys(options).map((option) => `--${kebabCase(option)}`);
    const takes = [...(concept === "needed" ? ["--concept or --labels"] : []), ...own];
    return `${name}: ${summary.replace(/\.$/, "")}.${takes.length > 0 ? ` Takes ${takes.join(", ")}.` : ""}`;
  });
}

/** The options of all methods of a command, as the parser takes them: their values are read when the method is known. */
export function ownOptionsOf(command: Method["command"]): Readonly<Record<string, OptionDescription>> {
  const found = new Map<string, { readonly option: MethodOption; readonly helps: string[] }>();
  for (const { name, options } of methodsOf(command)) {
    for (const [key, option] of Object.entries(options)) {
      const help = `${name}: ${option.help}${choicesOf(option)}`;
      const known = found.get(kebabCase(key));
      if (known) known.helps.push(help);
      else found.set(kebabCase(key), { option, helps: [help] });
    }
  }
  return Object.fromEntries(
    [...found].map(([name, { option, helps }]) => {
      const kind = option.kind === "flag" ? "flag" : "text";
      return [name, { kind, ...(option.value && { value: option.value }), help: helps.join("; ") }];
    }),
  );
}

function choicesOf({ kind, choices }: MethodOption): string {
  return choices && kind !== "number" ? ` (${choices.join(", ")})` : "";
}

/** The values of a method's own options, by their names in the library. @throws ArgumentError for one of another method */
export function readOwnOptions(method: Method, given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const own = new Map(
    Object.entries(method.options).map(([key, option]) => [kebabCase(key), { key, option }] as const),
  );
  const values: Record<string, unknown> = {};
  for (const [name, text] of Object.entries(given)) {
    if (text === undefined || text === false) continue;
    const found = own.get(name);
    if (!found) {
      const names = [...own.keys()];
      const takes = names.length > 0 ? `one of --${names.join(", --")}` : "no option of its own";
      throw new ArgumentError("options", `${takes} for ${method.name}${suggest(name, names)}`, `--${name}`);
    }
    values[found.key] = text === true ? true : convertOwn(name, found.option, String(text));
  }
  return values;
}

function convertOwn(name: string, option: MethodOption, text: string): unknown {
  const { kind, choices } = option;
  if (kind === "number" && choices?.includes(text)) return text;
  if (kind === "number") return convertText(`--${name}`, { kind, help: option.help }, text);
  if (kind !== "list") return convertText(`--${name}`, { kind, help: option.help, ...(choices && { choices }) }, text);
  const parts = text.split(",").map((part) => (choices ? checkKnown(`--${name}`, part, choices) : part));
  return parts.every((part) => part.trim() !== "" && Number.isFinite(Number(part))) ? parts.map(Number) : parts;
}

function kebabCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
