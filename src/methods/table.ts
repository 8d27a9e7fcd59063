import type { ActivationSource } from "../activations/source.js";
import type { Concept } from "../corpus/concepts.js";
import type { Device } from "../device/device.js";
import type { MethodContext } from "./result.js";
import type { AnyResult } from "./result-check.js";

/** One option of a method: camelCase here and in the library, `--kebab-case` on the command line. */
export interface MethodOption {
  /** A list holds numbers or names, separated by commas on the command line. */
  readonly kind: "number" | "integer" | "text" | "flag" | "list";
  /** What its value is, as the help shows it: α, K, NAME. */
  readonly value?: string;
  readonly help: string;
  /** The words that are taken: all there are, or beside numbers. */
  readonly choices?: readonly string[];
}

/** What every method may be told, beside options of its own. */
export interface MethodOptions {
  /** A specification such as `upos=NOUN`, resolved on the source's rows, or a concept that was made of labels. */
  readonly concept?: string | Concept;
  /** Where kernels run; a live model's own device, else what `openDevice` takes by itself, where it is left out. */
  readonly device?: Device;
  readonly seed?: number;
}

/** A method as the command line finds it. The function behind it is the library's. */
export interface Method {
  /** `average-precision`. */
  readonly name: string;
  readonly command: "rank" | "group" | "compare";
  /** What it computes, in one sentence. */
  readonly summary: string;
  readonly concept: "needed" | "none";
  readonly options: Readonly<Record<string, MethodOption>>;
  /** Loads the function: one source for `rank` and `group`, two or more for `compare`. */
  readonly load: () => Promise<
    (
      sources: readonly [ActivationSource, ...ActivationSource[]],
      options: MethodOptions & Readonly<Record<string, unknown>>,
      context?: MethodContext,
    ) => Promise<AnyResult>
  >;
}

/** Of methods that score many concepts at once. */
const manyConcepts: MethodOption = {
  kind: "text",
  value: "LIST",
  help: "instead of --concept: upos (all values), form:2000 (the most frequent), feats, upos=NOUN",
};

const basisControls: MethodOption = {
  kind: "flag",
  help: "beside the best neurons, those of a random rotation and the difference of means, on held-out sentences",
};

/** Every method, in the order of the help. A new method is one file and one entry here. */
export const methods: readonly Method[] = [
  {
    name: "average-precision",
    command: "rank",
    summary: "Average precision of every neuron for a concept (Suau 2020).",
    concept: "needed",
    options: {
      concepts: manyConcepts,
      direction: { kind: "text", help: "which side of a neuron may speak", choices: ["both", "positive"] },
      compat: { kind: "text", help: "the authors' definitions", choices: ["suau", "neurox"] },
      controls: basisControls,
      within: {
        kind: "text",
        value: "KEY",
        help: "each value of --concept over the rows whose KEY is that value only: --concept concept --within list, for a folder of concept files",
      },
    },
    load: () => import("./corpus/average-precision.js").then((file) => one(file.averagePrecision)),
  },
  {
    name: "iou",
    command: "rank",
    summary:
      "Overlap of every neuron's mask with a concept, beside chance, ceiling and adjusted (Mu and Andreas 2020).",
    concept: "needed",
    options: {
      threshold: {
        kind: "number",
        value: "X|match",
        choices: ["match"],
        help: "mask: above X (default 0), or as large as the concept",
      },
      quantile: { kind: "number", value: "α", help: "mask: above the neuron's 1 − α quantile" },
      concepts: manyConcepts,
      masks: { kind: "text", value: "FILE", help: "masks that --masks-out wrote, instead of a cut" },
      masksOut: { kind: "text", value: "FILE", help: "where the masks are kept, packed, as .safetensors" },
      permutations: { kind: "integer", value: "N", help: "p, q and familywise p of N turned masks" },
      compat: { kind: "text", help: "masks of fewer than 500 rows score 0", choices: ["mu-andreas"] },
      controls: basisControls,
    },
    load: () => import("./corpus/iou.js").then((file) => one(file.iou)),
  },
  {
    name: "spearman",
    command: "rank",
    summary:
      "Rank correlation with a number: position, relative-position, length, log-frequency, depth, a key's numbers.",
    concept: "needed",
    options: { controls: basisControls },
    load: () => import("./corpus/spearman.js").then((file) => one(file.spearman)),
  },
  {
    name: "dead",
    command: "rank",
    summary: "Neurons that are constant or rarely leave their least value.",
    concept: "none",
    options: {},
    load: () => import("./visualization/dead.js").then((file) => one(file.dead)),
  },
  {
    name: "saturation",
    command: "rank",
    summary: "Gates that are above .9 or below .1 most of the time (Karpathy 2015).",
    concept: "none",
    options: {},
    load: () => import("./visualization/saturation.js").then((file) => one(file.saturation)),
  },
  {
    name: "conditional-variance",
    command: "rank",
    summary:
      "How much of a neuron's variance is left where a key is known: form, upos, position, inside-quotes, inside-brackets (Bau 2019).",
    concept: "needed",
    options: {},
    load: () => import("./visualization/conditional-variance.js").then((file) => one(file.conditionalVariance)),
  },
  {
    name: "position",
    command: "rank",
    summary: "Neurons that follow the position in the sentence: conditional variance given it.",
    concept: "none",
    options: {},
    load: () => import("./visualization/position.js").then((file) => one(file.position)),
  },
  {
    name: "sparsity",
    command: "rank",
    summary: "Neurons that speak on the fewest rows.",
    concept: "none",
    options: { threshold: { kind: "number", value: "X", help: "a neuron speaks above this (0)" } },
    load: () => import("./visualization/sparsity.js").then((file) => one(file.sparsity)),
  },
  {
    name: "probeless",
    command: "rank",
    summary: "How far apart the means of classes lie on every neuron (Antverg and Belinkov 2022).",
    concept: "needed",
    options: { compat: { kind: "text", help: "raw means, which follow a neuron's scale", choices: ["antverg"] } },
    load: () => import("./probing/probeless.js").then((file) => one(file.probeless)),
  },
  {
    name: "variance",
    command: "rank",
    summary: "Population variance.",
    concept: "none",
    options: {},
    load: () => import("./visualization/variance.js").then((file) => one(file.variance)),
  },
  {
    name: "skew",
    command: "rank",
    summary: "Size of the skewness, with its sign beside.",
    concept: "none",
    options: {},
    load: () => import("./visualization/skew.js").then((file) => one(file.skew)),
  },
  {
    name: "kurtosis",
    command: "rank",
    summary: "Excess kurtosis.",
    concept: "none",
    options: {},
    load: () => import("./visualization/kurtosis.js").then((file) => one(file.kurtosis)),
  },
  {
    name: "correlation-clusters",
    command: "group",
    summary: "Average linkage of neurons at distance 1 − |r| (Dalvi 2020).",
    concept: "none",
    options: {
      threshold: { kind: "number", value: "T", help: "clusters merge up to this distance (0.5)" },
      signed: { kind: "flag", help: "distance 1 − r" },
      compat: { kind: "text", help: "any member represents a cluster", choices: ["random"] },
    },
    load: () => import("./unsupervised/correlation-clusters.js").then((file) => one(file.correlationClusters)),
  },
  {
    name: "max-correlation",
    command: "compare",
    summary: "Largest |r| of every neuron of the first source with any neuron of any other (Bau 2019).",
    concept: "none",
    options: { top: { kind: "integer", value: "K", help: "matches of each neuron in each other source (1)" } },
    load: () => import("./unsupervised/max-correlation.js").then((file) => many(file.maxCorrelation)),
  },
  {
    name: "min-correlation",
    command: "compare",
    summary: "Least, over the other sources, of the largest |r| of every neuron of the first source (Bau 2019).",
    concept: "none",
    options: { top: { kind: "integer", value: "K", help: "matches of each neuron in each other source (1)" } },
    load: () => import("./unsupervised/min-correlation.js").then((file) => many(file.minCorrelation)),
  },
];

/** A method of one source as the table calls it; it checks its options itself. */
function one<Options extends MethodOptions>(
  method: (source: ActivationSource, options: Options, context?: MethodContext) => Promise<AnyResult>,
): Awaited<ReturnType<Method["load"]>> {
  return ([source], options, context) => method(source, options as Options, context);
}

/** A method of several sources as the table calls it. */
function many<Options extends MethodOptions>(
  method: (sources: Sources, options: Options, context?: MethodContext) => Promise<AnyResult>,
): Awaited<ReturnType<Method["load"]>> {
  return (sources, options, context) => method(sources, options as Options, context);
}

type Sources = readonly [ActivationSource, ...ActivationSource[]];
