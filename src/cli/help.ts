import type { AnyCommand, OptionDescription, OptionDescriptions } from "./command.js";
import { everywhere } from "./parse.js";

/** What `neurometry --help` prints: every command with its summary. */
export function overview(commands: readonly { readonly name: string; readonly summary: string }[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const lines = commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  return [
    "neurometry finds, measures, explains and controls individual neurons of NLP models.",
    "",
    "Usage: neurometry COMMAND [options]",
    "",
    "Commands:",
    ...lines,
    "",
    "neurometry COMMAND --help says what a command takes, with examples. neurometry --version prints the version.",
  ].join("\n");
}

/** What `neurometry COMMAND --help` prints. */
export function helpOf(command: AnyCommand): string {
  const parts = [command.summary, "", `Usage: neurometry ${command.name} ${command.usage}`];
  const own = Object.keys(command.options).length > 0 ? ["", "Options:", ...optionLines(command.options)] : [];
  const notes = (command.notes ?? []).flatMap((note) => ["", ...wrap(note, 96)]);
  const examples = ["", "Examples:", ...command.examples.map((example) => `  neurometry ${example}`)];
  return [...parts, ...own, ...notes, "", "Everywhere:", ...optionLines(everywhere), ...examples].join("\n");
}

function optionLines(options: OptionDescriptions): string[] {
  const heads = Object.entries(options).map(([name, option]) => `  --${name}${valueName(option)}`);
  const width = Math.min(30, Math.max(...heads.map((head) => head.length)));
  return Object.values(options).flatMap((option, index) => {
    const head = heads[index] ?? "";
    const [first = "", ...rest] = wrap(helpWithChoices(option), 96 - width - 2);
    const indented = rest.map((line) => `${" ".repeat(width + 2)}${line}`);
    if (head.length > width) return [head, `${" ".repeat(width + 2)}${first}`, ...indented];
    return [`${head.padEnd(width + 2)}${first}`, ...indented];
  });
}

function valueName({ kind, value }: OptionDescription): string {
  return kind === "flag" ? "" : ` ${value ?? "VALUE"}`;
}

function helpWithChoices({ help, choices, required }: OptionDescription): string {
  return `${help}${choices ? `: ${choices.join(", ")}` : ""}${required ? " (required)" : ""}`;
}

/** Breaks a text into lines of at most `width` characters, between words. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
