import type { ActivationSource } from "../activations/source.js";
import { ArgumentError } from "../core/errors.js";
import type { Concept } from "../corpus/concepts.js";
import type { Method } from "../methods/table.js";
import type { OptionDescriptions, OptionValues } from "./command.js";
import { readOwnOptions } from "./method-options.js";
import { nothing } from "./parse.js";
import { expectOut, finish } from "./results.js";
import type { Session } from "./session.js";

/** What a method looks for. */
export const conceptOptions = {
  concept: {
    kind: "text",
    value: "KEY[=VALUE]",
    help: "an annotation of the rows, such as upos, upos=NOUN, feats.Tense=Past, or form~^un (a regular expression)",
  },
  labels: {
    kind: "text",
    value: "FILE",
    help: "instead of --concept, a label a row: .npy (integers, or booleans for one concept) or one a line",
  },
} as const satisfies OptionDescriptions;

/** What running a method takes, whatever it reads. */
export interface MethodRun {
  readonly method: Method;
  readonly sources: readonly [ActivationSource, ...ActivationSource[]];
  readonly out: string;
  readonly concept: OptionValues<typeof conceptOptions>;
  /** The texts of the method's own options. */
  readonly own: Readonly<Record<string, unknown>>;
}

/** Checks a method's options before anything is opened. */
export async function checkMethodRun(method: Method, out: string, own: MethodRun["own"]): Promise<void> {
  readOwnOptions(method, own);
  await expectOut(out);
}

/** Runs a method of the table on open sources and writes its result. */
export async function runMethod(run: MethodRun, session: Session): Promise<void> {
  const { method, sources, out, own } = run;
  const concept = await conceptOf(run);
  const call = await method.load();
  const device = await session.device();
  const options = { ...readOwnOptions(method, own), ...(concept && { concept }), device, seed: session.seed };
  await finish(out, await call(sources, options, session.context), session);
}

/** The concept of `--concept` or `--labels`; null for a method that takes none. */
async function conceptOf({ method, sources, concept: given, own }: MethodRun): Promise<string | Concept | null> {
  const { concept, labels } = given;
  if (method.concept === "none") {
    if (concept ?? labels) throw new ArgumentError("--concept", `nothing for ${method.name}`, concept ?? labels);
    return null;
  }
  if (own.concepts !== undefined && "concepts" in method.options) {
    if (concept ?? labels) throw new ArgumentError("--concepts", "nothing beside --concept or --labels", own.concepts);
    if (sources[0].table) return null;
  }
  if (concept !== undefined && labels !== undefined)
    throw new ArgumentError("--labels", "nothing beside --concept", labels);
  if (labels !== undefined) {
    const { readLabels } = await import("../corpus/labels.js");
    return await readLabels(labels, sources[0].rows);
  }
  if (concept === undefined) throw new ArgumentError("--concept", "KEY[=VALUE], or --labels FILE", nothing);
  if (sources[0].table) return concept;
  throw new ArgumentError(
    "--labels",
    `FILE, or --corpus FILE beside --concept, as ${sources[0].name} has no annotations`,
    undefined,
  );
}
