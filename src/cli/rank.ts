import { describeCommand } from "./command.js";
import { findMethod, methodNotes, ownOptionsOf } from "./method-options.js";
import { outOption } from "./results.js";
import { checkMethodRun, conceptOptions, runMethod } from "./run-method.js";
import { openSourceOf, sourceOptions } from "./source-options.js";

const shared = { ...sourceOptions, ...conceptOptions, out: outOption } as const;

export const command = describeCommand({
  name: "rank",
  summary: "Gives every neuron a score and a place in an order, best first.",
  usage: "METHOD --activations SOURCE [--concept KEY[=VALUE] | --labels FILE] [options] --out FILE.json",
  words: { least: 1, most: 1, are: "one METHOD" },
  options: { ...ownOptionsOf("rank"), ...shared },
  notes: [
    "Methods:",
    ...methodNotes("rank"),
    "With a concept of many values (--concept upos) the result has a ranking for each. A bare array has no annotations: --labels, or --corpus FILE --rows word beside it, supplies them.",
  ],
  examples: [
    "rank probeless --activations acts --concept upos --out nouns.json",
    "rank average-precision --activations acts --concept feats.Tense=Past --out past.json",
    "rank variance --activations acts.npy --out variance.json",
  ],
  async run([name = ""], options, session) {
    const { concept, labels, out, ...rest } = options;
    const method = findMethod("rank", name);
    const own = Object.fromEntries(Object.entries(rest).filter(([option]) => !(option in sourceOptions)));
    await checkMethodRun(method, out, own);
    const source = await openSourceOf(options, session);
    await runMethod({ method, sources: [source], out, concept: { concept, labels }, own }, session);
  },
});
