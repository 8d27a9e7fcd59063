import { parseArgs } from "node:util";
import { ArgumentError } from "../core/errors.js";
import { checkKnown, suggest } from "../core/suggest.js";
import type { AnyCommand, OptionDescription, OptionDescriptions, OptionValues } from "./command.js";

/** Options that every command takes. */
export const everywhere = {
  device: {
    kind: "text",
    value: "DEVICE",
    help: "auto, native, webgpu or webgpu:NAME (default auto: a hardware GPU, else native)",
  },
  threads: { kind: "integer", value: "N", least: 1, help: "threads of the native device (default: all usable cores)" },
  seed: { kind: "integer", value: "N", least: 0, help: "seed of everything random (default 0)" },
  json: { kind: "flag", help: "print machine-readable output on stdout" },
  quiet: { kind: "flag", help: "print nothing but results and errors" },
  help: { kind: "flag", help: "print this help" },
} as const satisfies OptionDescriptions;

/** What an error shows for a value that was left out. */
export const nothing = { toString: () => "nothing" };

/** A command line, taken apart and checked. */
export interface Parsed {
  readonly words: readonly string[];
  readonly shared: OptionValues<typeof everywhere>;
  readonly options: Readonly<Record<string, unknown>>;
}

/**
 * Takes the words behind a command's name apart.
 *
 * @throws ArgumentError for an unknown option (with near names), one that lacks its value, is no number, or is
 * missing, and for too few or too many words
 */
export function parse(command: AnyCommand, argv: readonly string[]): Parsed {
  const known: OptionDescriptions = { ...command.options, ...everywhere };
  const { given, words } = split(command, known, argv);
  const shared = convertAll(everywhere, given) as Parsed["shared"];
  const options = convertAll(command.options, given);
  if (shared.help) return { words, shared, options };
  for (const [name, { required, value }] of Object.entries(command.options)) {
    if (required && options[name] === undefined) throw new ArgumentError(`--${name}`, value ?? "a value", nothing);
  }
  const { least, most, are } = command.words;
  if (words.length < least) throw new ArgumentError(`neurometry ${command.name}`, are, words[0] ?? nothing);
  if (words.length > most) throw new ArgumentError(`neurometry ${command.name}`, are, words.slice(most).join(" "));
  return { words, shared, options };
}

function convertAll(descriptions: OptionDescriptions, given: ReadonlyMap<string, string[]>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(descriptions).map(([name, description]) => [name, convert(name, description, given.get(name))]),
  );
}

/** The texts that were given per option, and the words that are no option. */
function split(command: AnyCommand, known: OptionDescriptions, argv: readonly string[]) {
  const types = Object.entries(known).map(([name, { kind }]) => {
    return [name, { type: kind === "flag" ? ("boolean" as const) : ("string" as const), multiple: true }] as const;
  });
  const config = { args: [...argv], options: Object.fromEntries(types), strict: false, tokens: true } as const;
  const given = new Map<string, string[]>();
  const words: string[] = [];
  for (const token of parseArgs(config).tokens) {
    if (token.kind === "positional") words.push(token.value);
    if (token.kind !== "option") continue;
    const description = known[token.name];
    if (!description || !token.rawName.startsWith("--")) throw unknownOption(command, known, token.rawName);
    if (description.kind === "flag" && token.value !== undefined)
      throw new ArgumentError(token.rawName, "no value", token.value);
    if (description.kind !== "flag" && token.value === undefined) {
      throw new ArgumentError(token.rawName, description.value ?? "a value", nothing);
    }
    given.set(token.name, [...(given.get(token.name) ?? []), token.value ?? ""]);
  }
  return { given, words };
}

function unknownOption(command: AnyCommand, known: OptionDescriptions, name: string): ArgumentError {
  const names = Object.keys(known).map((option) => `--${option}`);
  return new ArgumentError("options", `an option of neurometry ${command.name}${suggest(name, names)}`, name);
}

function convert(name: string, description: OptionDescription, texts: readonly string[] | undefined): unknown {
  if (description.kind === "flag") return texts !== undefined;
  if (texts === undefined) return undefined;
  if (description.kind === "texts") return texts;
  if (description.kind === "list") return texts.flatMap((text) => text.split(","));
  const [text, second] = texts;
  if (text === undefined || second !== undefined)
    throw new ArgumentError(`--${name}`, "one value", texts.join(" and "));
  return convertText(`--${name}`, description, text);
}

/** The value of an option that is no flag and no list. @throws ArgumentError for a text that is none */
export function convertText(name: string, { kind, choices, least }: OptionDescription, text: string): string | number {
  if (choices) return checkKnown(name, text, choices);
  if (kind === "text") return text;
  const number = text.trim() === "" ? Number.NaN : Number(text);
  const expected = `${kind === "integer" ? "an integer" : "a number"}${least === undefined ? "" : ` of at least ${least}`}`;
  const fits = kind === "integer" ? Number.isSafeInteger(number) : Number.isFinite(number);
  if (!fits || (least !== undefined && number < least)) throw new ArgumentError(name, expected, text);
  return number;
}
