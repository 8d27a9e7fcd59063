import { describeCommand } from "./command.js";
import { findMethod, methodNotes, ownOptionsOf } from "./method-options.js";
import { outOption } from "./results.js";
import { checkMethodRun, runMethod } from "./run-method.js";

export const command = describeCommand({
  name: "compare",
  summary: "Compares the neurons of two or more sources that have the same rows.",
  usage: "METHOD SOURCE SOURCE… [options] --out FILE.json",
  words: { least: 3, most: 100, are: "a METHOD and two or more SOURCEs" },
  options: { ...ownOptionsOf("compare"), out: outOption },
  notes: [
    "Methods:",
    ...methodNotes("compare"),
    "A SOURCE is a store, x.npy (rows × neurons), x.safetensors, or NeuroX .json or .hdf5. The ranking is of the first source's neurons.",
  ],
  examples: ["compare max-correlation acts other-acts --top 5 --out matches.json"],
  async run([name = "", ...paths], { out, ...own }, session) {
    const method = findMethod("compare", name);
    await checkMethodRun(method, out, own);
    const { openSource } = await import("../activations/open.js");
    const [first = "", ...others] = paths;
    const sources = [await openSource(first), ...(await Promise.all(others.map((path) => openSource(path))))] as const;
    await runMethod({ method, sources, out, concept: { concept: undefined, labels: undefined }, own }, session);
  },
});
