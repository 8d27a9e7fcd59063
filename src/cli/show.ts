import type { ActivationSource } from "../activations/source.js";
import { ArgumentError } from "../core/errors.js";
import { writeFileAtomically } from "../core/files.js";
import { columnOfNeuron } from "../core/sites.js";
import type { Strip } from "../methods/visualization/strips.js";
import { describeCommand, type OptionValues } from "./command.js";
import { convertText, nothing } from "./parse.js";
import { expectOut } from "./results.js";
import type { Session } from "./session.js";
import { loadModelOf, openSourceOf, sourceOptions } from "./source-options.js";

const options = {
  ...sourceOptions,
  lens: { kind: "flag", help: "the tokens of --model whose logits the neurons raise and lower most, instead of text" },
  top: {
    kind: "integer",
    value: "K",
    least: 1,
    help: "how many of the strongest sentences (default 5); with --lens how many tokens on each side (default 10)",
  },
  text: { kind: "text", value: "TEXT", help: "a text for --model to read, instead of --corpus" },
  sentences: { kind: "list", value: "N,N,…|best", help: "sentences by their numbers, or the strongest (default best)" },
  out: { kind: "text", value: "FILE.svg", help: "a picture instead of lines in the terminal, or a page (.html)" },
} as const;

export const command = describeCommand({
  name: "show",
  summary: "Colours text by what a neuron does on it: orange above its mean, blue below.",
  usage:
    "NEURON… (--activations SOURCE | --model MODEL (--text TEXT | --lens)) [--sentences N,N,…] [--out FILE.svg|.html]",
  words: { least: 1, most: 100, are: "one or more NEURONs, such as layers.3.mlp.hidden:871" },
  options,
  notes: ["Where the terminal shows no colours, every word has its value behind it."],
  examples: [
    'show layers.3.residual:41 --model all-minilm-l6-v2 --text "The old man the boats."',
    "show layers.3.residual:41 --activations acts --out strip.svg",
    "show layers.5.mlp.hidden:871 --model gpt2 --lens",
  ],
  async run(names, given, session) {
    if (given.lens) return await showLens(names, given, session);
    const { strips } = await import("../methods/visualization/strips.js");
    if (given.out !== undefined) await expectOut(given.out, given.out.endsWith(".html") ? ".html" : ".svg");
    const source = await openShown(names, given, session);
    const columns = names.map((name) => columnOfNeuron(source.sites, name));
    const found = await strips(source, { columns, ...chosenSentences(given) }, session.context);
    if (given.out !== undefined) await draw(given.out, found, session);
    else if (session.json) session.print(JSON.stringify(found, null, 2));
    else await printStrips(found, session);
  },
});

function chosenSentences({ sentences, top }: OptionValues<typeof options>): { sentences?: number | number[] } {
  if (sentences === undefined || sentences.join() === "best") return top === undefined ? {} : { sentences: top };
  if (top !== undefined) throw new ArgumentError("--top", "nothing beside --sentences N,N,…", top);
  return { sentences: sentences.map((text) => Number(convertText("--sentences", { kind: "integer", least: 0, help: "" }, text))) }; // biome-ignore format: one line
}

/** The source of the neurons: as the options say, or the sites that the neurons' names speak of. */
async function openShown(
  names: readonly string[],
  given: OptionValues<typeof options>,
  session: Session,
): Promise<ActivationSource> {
  const sites = given.sites ?? [...new Set(names.map((name) => name.replace(/:\d+$/, "")))].join(",");
  if (given.text === undefined)
    return await openSourceOf(given.model === undefined ? given : { ...given, sites }, session);
  if (given.model === undefined) throw new ArgumentError("--model", "MODEL beside --text", nothing);
  const { activations } = await import("../activations/live.js");
  const { textCorpus } = await import("../corpus/text-corpus.js");
  const model = await loadModelOf({ model: given.model, weights: given.weights }, session);
  return await activations(model, textCorpus(given.text), { sites, rows: "token" });
}

/** Prints the tokens that neurons raise and lower. */
async function showLens(
  names: readonly string[],
  given: OptionValues<typeof options>,
  session: Session,
): Promise<void> {
  for (const other of ["activations", "text", "corpus", "out", "sentences"] as const) {
    if (given[other] !== undefined) throw new ArgumentError(`--${other}`, "nothing beside --lens", given[other]);
  }
  if (given.model === undefined) throw new ArgumentError("--model", "MODEL beside --lens", nothing);
  const { logitLens } = await import("../methods/visualization/logit-lens.js");
  const model = await loadModelOf({ model: given.model, weights: given.weights }, session);
  const found = await logitLens(model, names, given.top === undefined ? {} : { top: given.top });
  const side = (tokens: (typeof found)[number]["raised"]) =>
    tokens.map(({ token, effect }) => `${JSON.stringify(token)} ${effect.toPrecision(3)}`).join(", ");
  const lines = found.map(({ neuron, raised, lowered }) =>
    [neuron, `  raises ${side(raised)}`, `  lowers ${side(lowered)}`].join("\n"),
  );
  session.print(session.json ? JSON.stringify(found, null, 2) : lines.join("\n"));
}

async function printStrips(found: readonly Strip[], session: Session): Promise<void> {
  const { terminalLegend, terminalStrip } = await import("../reports/terminal-strip.js");
  const colour = process.stdout.isTTY && !process.env.NO_COLOR ? "ansi" : "plain";
  const legend = colour === "ansi" ? [terminalLegend()] : [];
  session.print([...found.map((strip) => terminalStrip(strip, { colour })), ...legend].join("\n\n"));
}

async function draw(path: string, found: readonly Strip[], session: Session): Promise<void> {
  await writeFileAtomically(path, await drawingOf(path, found), session.signal);
  session.print(session.json ? JSON.stringify({ out: path }) : path);
}

async function drawingOf(path: string, found: readonly Strip[]): Promise<string> {
  if (path.endsWith(".html")) return (await import("../reports/strip-page.js")).stripPage(found);
  const [strip, second] = found;
  if (!strip || second) throw new ArgumentError("--out", "FILE.html for several neurons", path);
  return (await import("../reports/strip-svg.js")).stripSvg(strip);
}
