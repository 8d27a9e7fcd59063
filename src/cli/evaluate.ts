import { ArgumentError } from "../core/errors.js";
import { checkKnown } from "../core/suggest.js";
import type { Corpus } from "../corpus/corpus.js";
import type { AccuracyValues } from "../evaluation/accuracy.js";
import type { EvaluateOptions } from "../evaluation/evaluate.js";
import type { LossValues } from "../evaluation/loss.js";
import type { PairsOptions, PairValues } from "../evaluation/pairs.js";
import type { Evaluation } from "../methods/result.js";
import { describeCommand, type OptionValues } from "./command.js";
import { predictionOptions, predictionsOf } from "./prediction-options.js";
import { expectOut, outOption } from "./results.js";
import type { Session } from "./session.js";
import { corpusOptions, loadModelOf, modelOptions, readCorpusOf, rowOptions } from "./source-options.js";

const methods = ["loss", "accuracy", "minimal-pairs", "agreement"] as const;

const options = {
  ...modelOptions,
  ...corpusOptions,
  corpus: { ...corpusOptions.corpus, required: true },
  stream: { kind: "flag", help: "read the corpus as one text, line ends too, and carry a recurrent model's state on" },
  label: {
    kind: "text",
    value: "KEY",
    help: "classifiers: the label of sentences (default label) or the annotation of words that is right",
  },
  ...predictionOptions,
  long: rowOptions.long,
  unknown: rowOptions.unknown,
  by: {
    kind: "text",
    value: "KEY",
    help: "pairs: count those of each value of a label apart (default UID, if they have it)",
  },
  out: { kind: "text", value: "FILE.json", help: outOption.help },
} as const;

type Given = OptionValues<typeof options>;

export const command = describeCommand({
  name: "evaluate",
  summary: "Measures how well a model predicts a corpus.",
  usage: "loss|accuracy|minimal-pairs|agreement --model MODEL --corpus FILE [--stream] [--out FILE.json]",
  words: { least: 1, most: 1, are: "one METHOD: loss, accuracy, minimal-pairs or agreement" },
  options,
  notes: [
    "loss: mean −ln p in nats, perplexity, and bits per byte of the predicted text. A causal or recurrent model predicts every token of a sentence but the first, a masked one a seeded 15 % of the tokens, a classifier the label.",
    "accuracy: the share of right answers, beside that of the most frequent one; of an encoder-decoder also the share of targets that it writes exactly, with the likeliest token at every step, and BLEU of what it writes (as sacreBLEU defines it, words by 13a; a share), where a target has four words.",
    "minimal-pairs: the share of pairs whose good sentence has the larger summed ln p, of JSONL (BLiMP), CSV or TSV with sentence_good and sentence_bad. A masked model is asked for each token in turn.",
    "agreement: the share of items whose correct form has the larger ln p at its place, of CSV, TSV or JSONL with correct, wrong, and prefix, or sentence with ___ (or position, the number of the form's word from 0).",
    "An encoder-decoder predicts the targets of a corpus with a second column, each token behind the right ones.",
  ],
  examples: [
    "evaluate loss --model small-gpt2 --corpus en_ewt-ud-dev.conllu",
    "evaluate loss --model byte-lstm-lm --corpus text.txt --stream --out loss.json",
    "evaluate accuracy --model small-gpt2-sentiment --corpus test.csv --label label",
    "evaluate minimal-pairs --model small-gpt2 --corpus npi_present_1.jsonl",
    "evaluate agreement --model byte-lstm-lm --corpus items.tsv --by attractors",
  ],
  async run([word = ""], given, session) {
    const method = checkKnown("method", word, methods);
    if (given.out !== undefined) await expectOut(given.out);
    const pairs = method === "minimal-pairs" || method === "agreement";
    const settings = pairs ? {} : settingsOf(given, session);
    const ofPairs = pairs ? pairSettings(given) : {};
    const corpus = await corpusOf(given);
    const model = await loadModelOf(given, session);
    if (method === "minimal-pairs") {
      const { minimalPairs } = await import("../evaluation/pairs.js");
      await tell(await minimalPairs(model, corpus, ofPairs, session.context), showPairs, given, session);
    } else if (method === "agreement") {
      const { agreement } = await import("../evaluation/pairs.js");
      await tell(await agreement(model, corpus, ofPairs, session.context), showPairs, given, session);
    } else if (method === "loss") {
      const { loss } = await import("../evaluation/loss.js");
      await tell(await loss(model, corpus, settings, session.context), showLoss, given, session);
    } else {
      const { accuracy } = await import("../evaluation/accuracy.js");
      await tell(await accuracy(model, corpus, settings, session.context), showAccuracy, given, session);
    }
  },
});

function settingsOf(given: Given, session: Session): EvaluateOptions {
  const { long, unknown, label, by } = given;
  if (by !== undefined) throw new ArgumentError("--by", "nothing without minimal-pairs or agreement", by);
  return {
    seed: session.seed,
    ...(given.stream && { stream: true }),
    ...predictionsOf(given),
    ...(long !== undefined && { long: long === "windows" ? ("windows" as const) : ("refuse" as const) }),
    ...(unknown !== undefined && { unknown: unknown === "skip" ? ("skip" as const) : ("refuse" as const) }),
    ...(label !== undefined && { label }),
  };
}

function pairSettings(given: Given): PairsOptions {
  const others = ["stream", "mask", "mask-rate", "label", "long", "unknown"] as const;
  const stranger = others.find((name) => given[name] !== undefined && given[name] !== false);
  if (stranger)
    throw new ArgumentError(`--${stranger}`, "nothing beside pairs, which are read whole", String(given[stranger]));
  return { ...(given.bos && { beginning: "add" as const }), ...(given.by !== undefined && { by: given.by }) };
}

async function corpusOf(given: Given): Promise<Corpus> {
  if (!given.stream) return await readCorpusOf(given);
  const stranger = (["words", "text-column", "target-column"] as const).find((name) => given[name]);
  if (stranger)
    throw new ArgumentError(`--${stranger}`, "nothing beside --stream, which reads a file as it is", given[stranger]);
  const { readWholeText } = await import("../corpus/whole-text.js");
  return await readWholeText(given.corpus);
}

/** Writes a result where it is asked for, and says what it found. */
async function tell<Values>(
  result: Evaluation<Values>,
  show: (values: Values) => string,
  { out }: Given,
  session: Session,
): Promise<void> {
  if (out !== undefined) {
    const { writeResult } = await import("../methods/result-file.js");
    await writeResult(out, result, session.signal);
  }
  const { method, values } = result;
  session.print(session.json ? JSON.stringify({ ...(out !== undefined && { out }), method, ...values }) : show(values));
}

function showLoss({ loss, perplexity, bitsPerByte, predictions, bytes, skipped }: LossValues): string {
  return [
    `loss          ${loss.toFixed(4)} nats`,
    `perplexity    ${perplexity.toPrecision(5)}`,
    ...(bitsPerByte === null ? [] : [`bits per byte ${bitsPerByte.toFixed(4)} (${count(bytes)} bytes)`]),
    `predictions   ${count(predictions)}${leftOut(skipped)}`,
  ].join("\n");
}

function showAccuracy({ accuracy, right, predictions, majority, exact, bleu, skipped }: AccuracyValues): string {
  return [
    `accuracy      ${accuracy.toFixed(4)} (${count(right)} of ${count(predictions)} predictions${leftOut(skipped)})`,
    `majority      ${majority.toFixed(4)}`,
    ...(exact === undefined ? [] : [`exact         ${exact.toFixed(4)} of the targets written as they are`]),
    ...(typeof bleu === "number" ? [`BLEU          ${bleu.toFixed(4)}`] : []),
  ].join("\n");
}

function showPairs({ accuracy, right, pairs, margin, skipped, groups = [] }: PairValues): string {
  const width = Math.max(0, ...groups.map(({ name }) => name.length));
  const apart = skipped === 0 ? "" : `; ${count(skipped)} predict nothing`;
  return [
    `accuracy      ${accuracy.toFixed(4)} (${count(right)} of ${count(pairs)} pairs${apart})`,
    `margin        ${margin.toFixed(4)} nats`,
    ...(groups.length < 2 ? [] : groups.map((group) => `  ${group.name.padEnd(width)}  ${group.accuracy.toFixed(4)} (${count(group.right)} of ${count(group.pairs)})`)), // biome-ignore format: one line
  ].join("\n");
}

function leftOut(skipped: number): string {
  return skipped === 0 ? "" : `; ${count(skipped)} sentences predict nothing`;
}

function count(number: number): string {
  return number.toLocaleString("en");
}
