import { modelPath, pairsOf, resultOf, sentencesOf, treebank } from "./commands.mjs";
import { firstOf } from "./finding.mjs";
import { workPath } from "./program.mjs";

/** Units of a table. */
export const shown = 10;

/** Sentences behind those of a sweep, on which its ranking is tried. */
export const unseen = 100;

/** Contexts of each neuron: the first of them stand in the table, what a neuron is called holds for all. */
export const contextsOfEach = 20;

/** What a sweep finds, and for neurons what becomes of its ranking elsewhere and where its first are largest. */
export function sweepResults({ model, each, metric, sentences, positions = "all", suffix = "" }) {
  const name = `${model}-${each}-${metric}${suffix}`;
  const ablate = (corpus) => ["ablate", "--model", modelPath(model), "--corpus", corpus, "--value", "mean", "--metric", metric, "--positions", positions]; // biome-ignore format: one line
  const corpus = sentencesOf(sentences);
  const result = resultOf(name, [...ablate(corpus), "--each", each, "--per", "sentence"]);
  if (each === "head") return { name, result };
  const ranking = ["--ranking", workPath(`${name}.json`), "--counts"];
  return {
    name,
    result,
    alone: resultOf(`${name}-alone`, [...ablate(corpus), ...ranking, "1"]),
    unseen: resultOf(`${name}-unseen`, [...ablate(sentencesOf(unseen, sentences)), ...ranking, "10,100"]),
    contexts: contextsOf(name, model, result),
  };
}

/** Where the neurons of most damage are largest in the whole treebank: on which words, or bytes. */
function contextsOf(name, model, result) {
  const bytes = model.startsWith("byte");
  const isShown = (site) => firstOf(site, shown, result) > 0;
  const sites = result.sites.filter(isShown).map((site) => site.name);
  const rows = bytes ? ["--window", "8"] : ["--window", "3", "--rows", "word", "--pool", "max"];
  const contexts = ["contexts", "--model", modelPath(model), "--corpus", treebank, "--sites", sites.join(","), "--top", String(contextsOfEach)]; // biome-ignore format: one line
  return resultOf(`${name}-contexts`, [...contexts, ...rows]);
}

/** What the heads of a model do for a set of minimal pairs. */
export function pairResults(model, set) {
  return resultOf(`${model}-${set}`, ["ablate", "--model", modelPath(model), "--corpus", pairsOf(set), "--each", "head", "--value", "mean", "--metric", "minimal-pairs"]); // biome-ignore format: one line
}
