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

/** Every method, in the order of the help. A new method is one file and one entry here. */
export const methods: readonly Method[] = [
  {
    name: "average-precision",
    command: "rank",
    summary: "average precision of every neuron for a concept (Suau 2020)",
    concept: "needed",
    options: { direction: { kind: "text", help: "which side of a neuron may speak", choices: ["both", "positive"] } },
    load: () => import("./corpus/average-precision.js").then((file) => one(file.averagePrecision)),
  },
  {
    name: "iou",
    command: "rank",
    summary: "overlap of every neuron's mask with a concept, beside chance, ceiling and adjusted (Mu and Andreas 2020)",
    concept: "needed",
    options: {
      threshold: {
        kind: "number",
        value: "X|match",
        choices: ["match"],
        help: "mask: above X (default 0), or as large as the concept",
      },
      quantile: { kind: "number", value: "α", help: "mask: above the neuron's 1 − α quantile" },
      compat: { kind: "text", help: "masks of fewer than 500 rows score 0", choices: ["mu-andreas"] },
    },
    load: () => import("./corpus/iou.js").then((file) => one(file.iou)),
  },
  {
    name: "dead",
    command: "rank",
    summary: "neurons that are constant or rarely leave their least value",
    concept: "none",
    options: {},
    load: () => import("./visualization/dead.js").then((file) => one(file.dead)),
  },
  {
    name: "saturated",
    command: "rank",
    summary: "gates that are above .9 or below .1 most of the time (Karpathy 2015)",
    concept: "none",
    options: {},
    load: () => import("./visualization/saturated.js").then((file) => one(file.saturated)),
  },
  {
    name: "sparsity",
    command: "rank",
    summary: "neurons that speak on the fewest rows",
    concept: "none",
    options: { threshold: { kind: "number", value: "X", help: "a neuron speaks above this (0)" } },
    load: () => import("./visualization/sparsity.js").then((file) => one(file.sparsity)),
  },
];

/** A method of one source as the table calls it. The options were checked against the entry, and are checked again. */
function one<Options extends MethodOptions>(
  method: (source: ActivationSource, options: Options, context?: MethodContext) => Promise<AnyResult>,
): Awaited<ReturnType<Method["load"]>> {
  return ([source], options, context) => method(source, options as Options, context);
}
