import type { Session } from "./session.js";

/** One `--option` of a command. */
export interface OptionDescription {
  /** `flag` takes no value; `list` may be given several times, or once with commas; `texts` several times, as they are. */
  readonly kind: "text" | "number" | "integer" | "flag" | "list" | "texts";
  /** What its value is, as the help shows it: FILE, KEY=VALUE. */
  readonly value?: string;
  readonly help: string;
  readonly choices?: readonly string[];
  readonly required?: true;
  /** The least number that is taken. */
  readonly least?: number;
}

export type OptionDescriptions = Readonly<Record<string, OptionDescription>>;

type Plain<Kind> = Kind extends "flag"
  ? boolean
  : Kind extends "list" | "texts"
    ? readonly string[]
    : Kind extends "text"
      ? string
      : number;

/** What an option's value is after parsing: undefined where it was left out; a flag is then false. */
export type OptionValue<Option extends OptionDescription> = Option["kind"] extends "flag"
  ? boolean
  : Option extends { readonly required: true }
    ? Plain<Option["kind"]>
    : Plain<Option["kind"]> | undefined;

/** The options of a command, by name, parsed and checked. */
export type OptionValues<Options extends OptionDescriptions> = {
  readonly [Name in keyof Options]: OptionValue<Options[Name]>;
};

/** One command of the command line. It parses, calls the library and writes; it computes nothing. */
export interface Command<Options extends OptionDescriptions = OptionDescriptions> {
  readonly name: string;
  /** What it does, in one sentence. */
  readonly summary: string;
  /** What stands behind the name: `MODEL`, `METHOD --activations SOURCE`. */
  readonly usage: string;
  /** Words without `--`: how many at least and at most, and what they are. */
  readonly words: { readonly least: number; readonly most: number; readonly are: string };
  readonly options: Options;
  /** What else a reader wants to know: a paragraph a line. */
  readonly notes?: readonly string[];
  readonly examples: readonly string[];
  run(words: readonly string[], options: OptionValues<Options>, session: Session): Promise<void>;
}

/** A command whose options are known only by their descriptions. */
export interface AnyCommand extends Omit<Command, "run"> {
  run(words: readonly string[], options: Readonly<Record<string, unknown>>, session: Session): Promise<void>;
}

/** Checks a command's description at compile time and hands it on as one of many. */
export function describeCommand<const Options extends OptionDescriptions>(command: Command<Options>): AnyCommand {
  return {
    ...command,
    run: (words, options, session) => command.run(words, options as OptionValues<Options>, session),
  };
}
