import { stackOf } from "../../activations/live-stack.js";
import { ArgumentError } from "../../core/errors.js";
import type { Site } from "../../core/sites.js";
import { checkKnown } from "../../core/suggest.js";
import { version } from "../../core/version.js";
import type { Corpus } from "../../corpus/corpus.js";
import { distinctNGrams } from "../../corpus/n-grams.js";
import type { Model, Pooling } from "../../model/model.js";
import { checkOptions } from "../check-options.js";
import type { MethodContext } from "../result.js";
import { type Maximization, type SearchName, searchNames } from "./maximization.js";
import { readTargets } from "./maximization-targets.js";
import { describeTargets } from "./maximized-targets.js";
import { NGramReader } from "./n-gram-reader.js";
import { leadingOf, type Reading, runSearches, searchesOf } from "./n-gram-searches.js";
import { searchedTokens } from "./searched-tokens.js";

export interface MaximizeOptions {
  /** Tokens of the n-gram (default 5). */
  readonly length?: number;
  /** `evolution` (the default) or `beam`. */
  readonly search?: SearchName;
  /** N-grams that each search of each target may read (default 3,000). */
  readonly evaluations?: number;
  /** Searches of each target (default 3). With a corpus the first goes on from its best n-grams, the others begin at random. */
  readonly restarts?: number;
  /** How the values at the n-gram's tokens become one (default last). */
  readonly pool?: Pooling;
  /** `separate` (the default): every neuron has an n-gram of its own; `mean`: one for the mean of all. */
  readonly together?: "separate" | "mean";
  /** `positive` (the default) looks for large values, `negative` for small ones. */
  readonly direction?: "positive" | "negative";
  /** The tokens that n-grams are made of: the corpus' (the default where there is one) or all of the model's. */
  readonly tokens?: "corpus" | "model";
  readonly seed?: number;
}

/**
 * The n-gram of tokens that makes a neuron, or the mean of several, as large as possible (Poerner, Roth and Schütze 2018),
 * by search without gradients: any model, every target of a call in the same batches. The n-gram is read alone, with the
 * special tokens of a text around it. First each token, repeated, tells which are likely; then searches draw new n-grams from
 * the best ones so far. Beside what they find stands the best n-gram of the corpus, each of its n-grams read in the same way.
 * A target's result does not depend on what else is searched for.
 *
 * @param neurons `SITE:INDEX`, `SITE:FIRST-LAST` or a whole SITE
 * @param corpus null: without one
 * @throws ArgumentError for neurons that are not there or belong to a decoder that has an encoder, numbers out of range, a
 * corpus without a sentence of so many tokens, and activations that are not finite
 */
export async function maximize(
  model: Model,
  neurons: readonly string[],
  corpus: Corpus | null,
  options: MaximizeOptions = {},
  context: MethodContext = {},
): Promise<Maximization> {
  const asked = checked(options);
  const tokens = options.tokens ?? (corpus ? "corpus" : "model");
  if (tokens === "corpus" && !corpus) throw new ArgumentError("corpus", "a corpus, whose tokens are taken", corpus);
  const { sites, targets } = readTargets(model, neurons, asked.together);
  checkStack(model, sites);
  const encodings = corpus ? await model.tokenizer.encode(corpus.sentences.map(({ text }) => text)) : [];
  const { all, around } = await searchedTokens(model, tokens === "corpus" ? encodings : null);
  const reader = new NGramReader(model, sites, around, asked.pool);
  checkLength(reader, asked.length);
  const nGrams = distinctNGrams(encodings, asked.length);
  if (corpus && nGrams.length === 0) throw new ArgumentError("corpus", `a sentence of ${asked.length} tokens`, "none");
  const reading: Reading = { reader, targets, sign: asked.direction === "negative" ? -1 : 1, context };
  const runs = nGrams.map(({ ids }) => ids);
  const leading = await leadingOf(reading, runs, "n-grams of the corpus");
  const repeated = Array.from(all, (id) => new Uint32Array(asked.length).fill(id));
  const answered = await leadingOf(reading, repeated, "tokens");
  const searches = targets.map((target, i) => {
    const likely = Uint32Array.from(answered[i]!.best, ({ ids }) => ids[0]!);
    return searchesOf(target, { all, likely }, leading[i]!.best, asked);
  });
  await runSearches(reading, searches);
  const { seed, search, ...others } = asked;
  return {
    kind: "maximization",
    method: search,
    sites,
    targets: await describeTargets(reading, searches, { leading, nGrams }),
    evaluations: reader.count,
    options: { ...others, tokens },
    provenance: {
      version,
      device: model.device.description.name,
      seed,
      model: await model.fingerprint(),
      corpus: corpus?.fingerprint ?? null,
      activations: null,
    },
  };
}

/** Options with their defaults. @throws ArgumentError for one that is not known or out of range */
function checked(options: MaximizeOptions) {
  checkOptions("maximize", options, [
    "length",
    "search",
    "evaluations",
    "restarts",
    "pool",
    "together",
    "direction",
    "tokens",
  ]);
  const { length = 5, evaluations = 3000, restarts = 3, seed = 0 } = options;
  for (const [name, value] of Object.entries({ length, evaluations, restarts })) {
    if (!Number.isSafeInteger(value) || value < 1) throw new ArgumentError(name, "a whole number from 1 on", value);
  }
  if (options.tokens !== undefined) checkKnown("tokens", options.tokens, ["corpus", "model"]);
  return {
    length,
    evaluations,
    restarts,
    seed,
    search: checkKnown("search", options.search ?? "evolution", searchNames),
    pool: checkKnown("pool", options.pool ?? "last", ["first", "last", "mean", "max"] as const),
    together: checkKnown("together", options.together ?? "separate", ["separate", "mean"] as const),
    direction: checkKnown("direction", options.direction ?? "positive", ["positive", "negative"] as const),
  };
}

function checkStack(model: Model, sites: readonly Site[]): void {
  const names = sites.map(({ name }) => name);
  if (stackOf(model, names) === "decoder")
    throw new ArgumentError("neurons", "neurons of the encoder", names.join(", "));
}

function checkLength({ longest }: NGramReader, length: number): void {
  if (length > longest) throw new ArgumentError("length", `at most ${longest} tokens (the model's positions)`, length);
}
