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
export const methods: readonly Method[] = [];
