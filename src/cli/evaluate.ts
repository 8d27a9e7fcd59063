import { ArgumentError } from "../core/errors.js";
import { checkKnown } from "../core/suggest.js";
import type { Corpus } from "../corpus/corpus.js";
import type { AccuracyValues } from "../evaluation/accuracy.js";
import type { EvaluateOptions } from "../evaluation/evaluate.js";
import type { LossValues } from "../evaluation/loss.js";
import type { Evaluation } from "../methods/result.js";
import { describeCommand, type OptionValues } from "./command.js";
import { expectOut, outOption } from "./results.js";
import type { Session } from "./session.js";
import { corpusOptions, loadModelOf, modelOptions, readCorpusOf, rowOptions } from "./source-options.js";

const methods = ["loss", "accuracy"] as const;

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
  "mask-rate": { kind: "number", value: "SHARE", help: "masked models: the share of tokens to mask (default .15)" },
  mask: { kind: "text", value: "each", choices: ["each"], help: "masked models: mask every token in turn instead" },
  bos: { kind: "flag", help: "causal models: begin sentences with the config's bos_token_id" },
  long: rowOptions.long,
  unknown: rowOptions.unknown,
  out: { kind: "text", value: "FILE.json", help: outOption.help },
} as const;

type Given = OptionValues<typeof options>;

export const command = describeCommand({
  name: "evaluate",
  summary: "Measures how well a model predicts a corpus.",
  usage: "loss|accuracy --model MODEL --corpus FILE [--stream] [--out FILE.json]",
  words: { least: 1, most: 1, are: "one METHOD: loss or accuracy" },
  options,
  notes: [
    "loss: mean −ln p in nats, perplexity, and bits per byte of the predicted text. A causal or recurrent model predicts every token of a sentence but the first, a masked one a seeded 15 % of the tokens, a classifier the label.",
    "accuracy: the share of right answers, beside that of the most frequent one; of an encoder-decoder also the share of targets that it writes exactly.",
    "An encoder-decoder predicts the targets of a corpus with a second column, each token behind the right ones.",
  ],
  examples: [
    "evaluate loss --model small-gpt2 --corpus en_ewt-ud-dev.conllu",
    "evaluate loss --model byte-lstm-lm --corpus text.txt --stream --out loss.json",
    "evaluate accuracy --model small-gpt2-sentiment --corpus test.csv --label label",
  ],
  async run([word = ""], given, session) {
    const method = checkKnown("method", word, methods);
    if (given.out !== undefined) await expectOut(given.out);
    const settings = settingsOf(given, session);
    const corpus = await corpusOf(given);
    const model = await loadModelOf(given, session);
    if (method === "loss") {
      const { loss } = await import("../evaluation/loss.js");
      await tell(await loss(model, corpus, settings, session.context), showLoss, given, session);
    } else {
      const { accuracy } = await import("../evaluation/accuracy.js");
      await tell(await accuracy(model, corpus, settings, session.context), showAccuracy, given, session);
    }
  },
});

function settingsOf(given: Given, session: Session): EvaluateOptions {
  const { mask, long, unknown, label } = given;
  const rate = given["mask-rate"];
  if (mask !== undefined && rate !== undefined) throw new ArgumentError("--mask-rate", "nothing beside --mask", rate);
  return {
    seed: session.seed,
    ...(given.stream && { stream: true }),
    ...(mask === "each" && { mask }),
    ...(rate !== undefined && { mask: rate }),
    ...(given.bos && { beginning: "add" as const }),
    ...(long !== undefined && { long: long === "windows" ? ("windows" as const) : ("refuse" as const) }),
    ...(unknown !== undefined && { unknown: unknown === "skip" ? ("skip" as const) : ("refuse" as const) }),
    ...(label !== undefined && { label }),
  };
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

function leftOut(skipped: number): string {
  return skipped === 0 ? "" : `; ${count(skipped)} sentences predict nothing`;
}

function count(number: number): string {
  return number.toLocaleString("en");
}
