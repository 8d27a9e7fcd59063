import { ArgumentError } from "../core/errors.js";
import { parseSize } from "../core/sizes.js";
import { checkKnown } from "../core/suggest.js";
import { describeCommand, type OptionValues } from "./command.js";
import { finishSweep, sweepFiles } from "./kept-sweep.js";
import { nothing } from "./parse.js";
import { planLines } from "./plan-lines.js";
import { predictionOptions, predictionsOf } from "./prediction-options.js";
import { readGrouping, readRanking } from "./read-results.js";
import { expectOut, optionalOut } from "./results.js";
import type { Session } from "./session.js";
import { corpusOptions, loadModelOf, modelOptions, readCorpusOf, readSentencesOf } from "./source-options.js";

const options = {
  ...modelOptions,
  ...corpusOptions,
  corpus: { ...corpusOptions.corpus, required: true },
  each: { kind: "text", value: "UNIT", help: "ablate each neuron, head, layer or group in turn" },
  ranking: { kind: "text", value: "FILE.json", help: "ablate the top, random and bottom neurons of a ranking" },
  grouping: { kind: "text", value: "FILE.json", help: "the groups of --each group" },
  pairs: {
    kind: "number",
    value: "TOP",
    help: "with --each: also ablate the TOP units of most damage two at a time, for what both do beyond the sum of each alone",
  },
  sites: {
    kind: "text",
    value: "GLOB",
    help: "sites of --each (default layers.*.mlp.hidden; heads layers.*.attention.heads; recurrent layers.*.hidden, of both directions)",
  },
  value: {
    kind: "text",
    value: "VALUE",
    help: "what an ablated neuron becomes: zero, mean, flip (its sign), noise (itself plus a normal number of its own deviation), resample (another position's value), project (itself without the part along --direction), p50 (a percentile), or a number",
    required: true,
  },
  direction: {
    kind: "text",
    value: "FILE",
    help: "with --value project: an .npy of a number per neuron of a site, or of all sites side by side (several directions: a row each), or a .safetensors of a tensor per site",
  },
  metric: {
    kind: "text",
    value: "METRIC",
    help: "loss, accuracy, gold-probability, kl, representation, exact-match or bleu (of what an encoder-decoder writes), minimal-pairs, agreement, logit-diff, erasure (growth of −ln p as a share of it) or erasure-li (its authors' mean of ratios)",
    required: true,
  },
  label: {
    kind: "text",
    value: "KEY",
    help: "classifiers: the label of sentences (default label) or the annotation of words that is right",
  },
  tokens: {
    kind: "list",
    value: "A,B",
    help: "logit-diff: of these two tokens, or classes (default: of the forms of agreement items)",
  },
  position: {
    kind: "text",
    value: "N|last",
    help: "with --tokens: at token N of each text, from 0 without special tokens, or the last (default last)",
  },
  ...predictionOptions,
  "warm-up": {
    kind: "text",
    value: "FILE",
    help: "recurrent models: plain text whose sentences are read, and ablated, before each of the corpus",
  },
  compat: {
    kind: "text",
    value: "lakretz",
    choices: ["lakretz"],
    help: "LSTM units as Lakretz et al. (2019) zero them: the next layer still sees those of a lower one",
  },
  concept: {
    kind: "text",
    value: "KEY=VALUE",
    help: "the metric is over the predicted tokens that have it, with the others beside (default: over all)",
  },
  positions: {
    kind: "text",
    value: "WHICH",
    choices: ["all", "content", "last"],
    help: "where: all tokens, all but special ones, or the last of those (default all)",
  },
  per: {
    kind: "text",
    value: "sentence",
    choices: ["sentence"],
    help: "with --each: the damage to every sentence too, as OUT.sentences.npy (sentences × units)",
  },
  force: { kind: "flag", help: "begin anew where a sweep was cut short" },
  fractions: { kind: "list", value: "F,F,…", help: "shares of the neurons to ablate (default 0, .1 … 1)" },
  counts: { kind: "list", value: "K,K,…", help: "numbers of neurons to ablate, instead of --fractions" },
  memory: {
    kind: "text",
    value: "SIZE",
    help: "memory that the work may take, such as 2GB (default: half of the machine's): the program's own, or a GPU's",
  },
  plan: { kind: "flag", help: "with --each: say what would be computed and how long it would take, and write nothing" },
  out: optionalOut,
} as const;

export const command = describeCommand({
  name: "ablate",
  summary: "Takes neurons away in the model and measures what becomes worse.",
  usage:
    "--model MODEL --corpus FILE (--each UNIT | --ranking FILE.json) --value zero|mean|… --metric METRIC --out FILE.json",
  words: { least: 0, most: 0, are: "no words" },
  options,
  notes: [
    "A sweep in progress keeps what is done in OUT.sweep.partial: after a kill or Ctrl-C the same command goes on from there, with the same result, also where --memory allows more.",
    "With --each the result is a ranking by damage: how much worse the metric becomes without each unit. With --ranking it is the metric after ablating the top, random and bottom neurons; if the ranking is right, the top curve falls first. Erasure of the top and the bottom k of a ranking (Bau et al. 2019) is --ranking with --counts K.",
  ],
  examples: [
    "ablate --model llama --corpus text.txt --ranking nouns.json --value zero --metric loss --out curve.json",
    "ablate --model small-gpt2-sentiment --corpus dev.csv --each head --value zero --metric accuracy --out heads.json",
    "ablate --model small-gpt2 --corpus npi_present_1.jsonl --each head --value mean --metric minimal-pairs --out npi.json",
    "ablate --model byte-lstm-lm --corpus items.tsv --each neuron --value zero --metric agreement --out units.json",
    "ablate --model byte-lstm-lm --corpus items.tsv --each neuron --value zero --metric agreement --warm-up first.txt --compat lakretz --out units.json",
    "ablate --model llama --corpus text.txt --each neuron --sites layers.3.mlp.hidden --value mean --metric kl --out damage.json",
    "ablate --model llama --corpus text.txt --each layer --sites 'layers.*.residual' --value project --direction plural.npy --metric loss --out without.json",
  ],
  async run(_words, given, session) {
    if ((given.each === undefined) === (given.ranking === undefined)) {
      throw new ArgumentError(
        "--each",
        "either --each UNIT or --ranking FILE.json",
        given.each === undefined ? nothing : "both",
      );
    }
    if (given.ranking === undefined) await ablateUnits(given, session);
    else await ablateOrder(given, given.ranking, session);
  },
});

type Given = OptionValues<typeof options>;

/** Where the result goes, checked before long work. @throws ArgumentError, FileError */
async function outOf({ out }: Given): Promise<string> {
  if (out === undefined) throw new ArgumentError("--out", optionalOut.value, nothing);
  await expectOut(out);
  return out;
}

async function ablateUnits(given: Given, session: Session): Promise<void> {
  const { ablateEach } = await import("../methods/causal/ablate-each.js");
  const { unitNames } = await import("../methods/causal/units.js");
  const out = given.plan ? "" : await outOf(given);
  const each = checkKnown("--each", given.each ?? "neuron", unitNames);
  refuse(given, ["fractions", "counts"], "--ranking");
  if (each === "group" && given.grouping === undefined)
    throw new ArgumentError("--grouping", "FILE.json, whose groups are ablated,", nothing);
  const settings = await settingsOf(given, session);
  const grouping = given.grouping === undefined ? undefined : await readGrouping(given.grouping);
  const corpus = await readCorpusOf(given);
  const model = await loadModelOf(given, session);
  const { sites, pairs } = given;
  const chosen = { ...(sites !== undefined && { sites }), ...(grouping && { grouping }), ...(pairs !== undefined && { pairs }) }; // biome-ignore format: one line
  const wanted = { ...settings, each, ...chosen };
  if (given.plan) {
    const { planEach } = await import("../methods/causal/plan-each.js");
    const plan = await planEach(model, corpus, wanted, session.context);
    session.print(session.json ? JSON.stringify(plan) : planLines(plan).join("\n"));
    return;
  }
  const files = sweepFiles(out, given.force, session);
  const beside = given.per && { perSentence: `${files.stem}.sentences.npy` };
  await finishSweep(files, session, () => {
    return ablateEach(model, corpus, { ...wanted, ...files.keep, ...beside }, session.context);
  });
}

async function ablateOrder(given: Given, path: string, session: Session): Promise<void> {
  const { ablateRanking } = await import("../methods/causal/ablate-ranking.js");
  const out = await outOf(given);
  refuse(given, ["grouping", "sites", "pairs", "per"], "--each");
  if (given.plan) throw new ArgumentError("--plan", "nothing without --each", "--plan");
  const settings = await settingsOf(given, session);
  const ranking = await readRanking(path);
  const corpus = await readCorpusOf(given);
  const model = await loadModelOf(given, session);
  const fractions = numbersOf("--fractions", given.fractions);
  const counts = numbersOf("--counts", given.counts);
  const amounts = { ...(fractions && { fractions }), ...(counts && { counts }) };
  const files = sweepFiles(out, given.force, session);
  await finishSweep(files, session, () => {
    return ablateRanking(model, corpus, ranking, { ...settings, ...amounts, ...files.keep }, session.context);
  });
}

async function settingsOf(given: Given, session: Session) {
  const { value, direction, metric, label, positions, concept, memory } = given;
  const { readDirections } = await import("../activations/directions.js");
  const { metricNames } = await import("../methods/causal/metric.js");
  const { checkReplacement } = await import("../methods/causal/replacement.js");
  const { positionNames } = await import("../methods/causal/ablated-rows.js");
  return {
    value: checkReplacement("--value", value),
    ...(direction !== undefined && { directions: await readDirections(direction) }),
    metric: checkKnown("--metric", metric, metricNames),
    ...(label !== undefined && { label }),
    ...(concept !== undefined && { concept }),
    ...predictionsOf(given),
    ...comparisonOf(given),
    ...(given.compat !== undefined && { compat: "lakretz" as const }),
    ...(given["warm-up"] !== undefined && { warmUp: await readSentencesOf(given["warm-up"]) }),
    positions: checkKnown("--positions", positions ?? "all", positionNames),
    ...(memory !== undefined && { memory: parseSize("--memory", memory) }),
    seed: session.seed,
  };
}

/** What logits are compared, and where. */
function comparisonOf({ tokens, position }: Given) {
  const [first, second] = tokens ?? [];
  if (tokens && (first === undefined || second === undefined || tokens.length > 2))
    throw new ArgumentError("--tokens", "two tokens, A,B", tokens.join());
  const place = position === undefined || position === "last" ? position : Number(position);
  return {
    ...(first !== undefined && second !== undefined && { tokens: [first, second] as const }),
    ...(place !== undefined && { position: place as number | "last" }),
  };
}

function refuse(given: Given, names: readonly (keyof Given)[], needs: string): void {
  const stranger = names.find((name) => given[name] !== undefined);
  if (stranger) throw new ArgumentError(`--${stranger}`, `nothing without ${needs}`, String(given[stranger]));
}

function numbersOf(name: string, texts: readonly string[] | undefined): number[] | undefined {
  return texts?.map((text) => {
    const number = text.trim() === "" ? Number.NaN : Number(text);
    if (!Number.isFinite(number)) throw new ArgumentError(name, "numbers separated by commas", text);
    return number;
  });
}
