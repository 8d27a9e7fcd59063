import type { ActivationSource } from "../activations/source.js";
import { ArgumentError } from "../core/errors.js";
import type { Corpus } from "../corpus/corpus.js";
import type { Model } from "../model/model.js";
import type { OptionDescriptions, OptionValues } from "./command.js";
import { nothing } from "./parse.js";
import type { Session } from "./session.js";

/** How a corpus is read. */
export const corpusOptions = {
  corpus: {
    kind: "text",
    value: "FILE",
    help: "CoNLL-U, plain text (a sentence a line), CSV, TSV, JSONL, a concept as .json, or a folder of concepts",
  },
  words: { kind: "flag", help: "feed the corpus' words joined by single spaces, not its text as written" },
  "text-column": {
    kind: "text",
    value: "NAME",
    help: "the column of a CSV or TSV file that holds the sentences (default sentence, text or source)",
  },
  "target-column": {
    kind: "text",
    value: "NAME",
    help: "the column of what a decoder reads beside them (default target, beside source)",
  },
} as const satisfies OptionDescriptions;

/** How the tokens of a model become rows. */
export const rowOptions = {
  rows: { kind: "text", value: "KIND", choices: ["token", "word", "sentence"], help: "what a row is (default token)" },
  pool: {
    kind: "text",
    value: "HOW",
    choices: ["first", "last", "mean", "max", "cls"],
    help: "how tokens become a word (default last) or a sentence (default max)",
  },
  "special-tokens": { kind: "flag", help: "keep the special tokens that the tokenizer adds as rows" },
  long: {
    kind: "text",
    value: "HOW",
    choices: ["refuse", "windows"],
    help: "sentences longer than the model's positions (default refuse)",
  },
  missing: { kind: "text", value: "HOW", choices: ["refuse", "zero"], help: "words without a token (default refuse)" },
  unknown: {
    kind: "text",
    value: "HOW",
    choices: ["refuse", "skip", "zero"],
    help: "characters outside a character model's alphabet, or words that have no vector (default refuse)",
  },
} as const satisfies OptionDescriptions;

/** A model, and whether its weights are its own. */
export const modelOptions = {
  model: { kind: "text", value: "MODEL", help: "a model directory or hub id", required: true },
  weights: {
    kind: "text",
    value: "WHICH",
    choices: ["file", "random"],
    help: "the model's own, or random ones of --seed such as its training began with (default file)",
  },
} as const satisfies OptionDescriptions;

/** Where activations come from: a file of them, or a model that reads a corpus. */
export const sourceOptions = {
  activations: {
    kind: "text",
    value: "SOURCE",
    help: "a store, x.npy (rows × neurons), x.safetensors, or NeuroX .json or .hdf5",
  },
  model: { kind: "text", value: "MODEL", help: "a model directory or hub id, instead of --activations" },
  weights: modelOptions.weights,
  sites: { kind: "text", value: "GLOB", help: "the sites to take, such as layers.*.residual or layers.0-3.mlp.hidden" },
  ...corpusOptions,
  ...rowOptions,
} as const satisfies OptionDescriptions;

type SourceValues = OptionValues<typeof sourceOptions>;

/** Reads the corpus of `--corpus`. */
export async function readCorpusOf(values: OptionValues<typeof corpusOptions>): Promise<Corpus> {
  const { readCorpus } = await import("../corpus/read.js");
  if (values.corpus === undefined) throw new ArgumentError("--corpus", "FILE", nothing);
  const [column, target] = [values["text-column"], values["target-column"]];
  return await readCorpus(values.corpus, {
    text: values.words ? "words" : "written",
    ...(column === undefined ? {} : { textColumn: column }),
    ...(target === undefined ? {} : { targetColumn: target }),
  });
}

/** The sentences of a plain text, one a line. */
export async function readSentencesOf(path: string): Promise<string[]> {
  const { readLines } = await import("../corpus/lines.js");
  const { parsePlainText } = await import("../corpus/plain-text.js");
  return Array.from(parsePlainText(await readLines(path)), ({ text }) => text);
}

/** Loads a model onto the session's device; it is closed when the command ends. */
export async function loadModelOf(
  { model, weights }: { readonly model: string; readonly weights?: string | undefined },
  session: Session,
): Promise<Model> {
  const { loadModel } = await import("../model/load.js");
  const drawn = weights === "random" ? ({ weights, seed: session.seed } as const) : {};
  return session.own(await loadModel(model, { device: await session.device(), ...drawn, ...session.context }));
}

/** Opens the source that the options name: files, or a live model. */
export async function openSourceOf(values: SourceValues, session: Session): Promise<ActivationSource> {
  if (values.activations === undefined) return await openLive(values, session);
  if (values.model !== undefined) {
    throw new ArgumentError("--model", "nothing beside --activations", values.model);
  }
  for (const name of onlyLive) {
    const given = values[name];
    if (given !== undefined && given !== false) {
      throw new ArgumentError(`--${name}`, "nothing beside --activations", given);
    }
  }
  const { openSource } = await import("../activations/open.js");
  const source = await openSource(values.activations, values.corpus === undefined ? null : await tableOf(values));
  if (values.sites === undefined) return source;
  const { selectFrom } = await import("../activations/selected-source.js");
  return selectFrom(source, values.sites);
}

/** What says how a model's tokens become rows says nothing about rows that are there. */
const onlyLive = ["weights", "pool", "special-tokens", "long", "missing", "unknown"] as const;

/** The annotations that a corpus gives to a bare array, whose rows are its words or sentences. */
async function tableOf(values: SourceValues) {
  const { corpusRows } = await import("../corpus/row-table.js");
  const kind = values.rows ?? "word";
  if (kind === "token") throw new ArgumentError("--rows", "word or sentence beside --activations and --corpus", kind);
  return corpusRows(await readCorpusOf(values), kind === "sentence" ? "sentence" : "word");
}

/** The activations of `--model` over `--corpus` at `--sites`, computed as they are read. */
export async function openLive(values: SourceValues, session: Session): Promise<ActivationSource> {
  if (values.model === undefined) {
    throw new ArgumentError("--activations", "SOURCE, or --model with --corpus and --sites", nothing);
  }
  if (values.corpus === undefined) throw new ArgumentError("--corpus", "FILE beside --model", nothing);
  if (values.sites === undefined) throw new ArgumentError("--sites", "GLOB beside --model", nothing);
  const { activations } = await import("../activations/live.js");
  const corpus = await readCorpusOf(values);
  const model = await loadModelOf({ model: values.model, weights: values.weights }, session);
  return await activations(model, corpus, { sites: values.sites, ...liveOptions(values) });
}

function liveOptions(values: OptionValues<typeof rowOptions>) {
  const { rows, pool, long, missing, unknown } = values;
  const given = { rows, pool, long, missing, unknown, specialTokens: values["special-tokens"] ? "keep" : undefined };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}
