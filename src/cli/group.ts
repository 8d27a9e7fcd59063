import { describeCommand } from "./command.js";
import { findMethod, methodNotes, ownOptionsOf } from "./method-options.js";
import { outOption } from "./results.js";
import { checkMethodRun, runMethod } from "./run-method.js";
import { openSourceOf, sourceOptions } from "./source-options.js";

export const command = describeCommand({
  name: "group",
  summary: "Sorts neurons into groups of those that do the same.",
  usage: "METHOD --activations SOURCE [options] --out FILE.json",
  words: { least: 1, most: 1, are: "one METHOD" },
  options: { ...ownOptionsOf("group"), ...sourceOptions, out: outOption },
  notes: ["Methods:", ...methodNotes("group")],
  examples: ["group correlation-clusters --activations acts --threshold 0.3 --out clusters.json"],
  async run([name = ""], options, session) {
    const { out, ...rest } = options;
    const method = findMethod("group", name);
    const own = Object.fromEntries(Object.entries(rest).filter(([option]) => !(option in sourceOptions)));
    await checkMethodRun(method, out, own);
    const source = await openSourceOf(options, session);
    await runMethod(
      { method, sources: [source], out, concept: { concept: undefined, labels: undefined }, own },
      session,
    );
  },
});
