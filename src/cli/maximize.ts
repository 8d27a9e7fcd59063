import type { MaximizedTarget } from "../methods/corpus/maximization.js";
import { describeCommand } from "./command.js";
import { expectOut, finish, outOption } from "./results.js";
import { corpusOptions, loadModelOf, modelOptions, readCorpusOf } from "./source-options.js";

export const command = describeCommand({
  name: "maximize",
  summary: "Finds the n-gram of tokens that makes a neuron largest, by search without gradients (Poerner 2018).",
  usage: "NEURON… --model MODEL [--corpus FILE] [--length N] [--search evolution|beam] --out FILE.json",
  words: {
    least: 1,
    most: 1000,
    are: "one or more NEURONs, such as layers.3.mlp.hidden:871 or layers.3.mlp.hidden:0-15",
  },
  options: {
    ...modelOptions,
    ...corpusOptions,
    length: { kind: "integer", value: "N", least: 1, help: "tokens of the n-gram (default 5)" },
    search: { kind: "text", value: "HOW", choices: ["evolution", "beam"], help: "how n-grams are made of the best ones so far (default evolution)" }, // biome-ignore format: one line
    evaluations: { kind: "integer", value: "N", least: 1, help: "n-grams that each search of a neuron may read (default 3000)" }, // biome-ignore format: one line
    restarts: { kind: "integer", value: "N", least: 1, help: "searches of each neuron (default 3)" },
    pool: { kind: "text", value: "HOW", choices: ["first", "last", "mean", "max"], help: "how the n-gram's tokens become one value (default last)" }, // biome-ignore format: one line
    together: { kind: "flag", help: "one n-gram for the mean of all neurons, instead of one for each" },
    direction: { kind: "text", value: "WHICH", choices: ["positive", "negative"], help: "large values or small ones (default positive)" }, // biome-ignore format: one line
    tokens: { kind: "text", value: "WHICH", choices: ["corpus", "model"], help: "the tokens that are tried: the corpus' (default beside --corpus) or all of the model's" }, // biome-ignore format: one line
    out: outOption,
  },
  notes: [
    "The n-gram is read alone, with the special tokens of a text around it. With --corpus the best of the corpus' own n-grams stands beside what the searches find, and the first search goes on from these.",
  ],
  examples: [
    "maximize layers.0.hidden:2 --model src/demo/models/lstm --corpus src/demo/corpus/dev.conllu --out quote.json",
    "maximize layers.3.mlp.hidden:0-15 --model all-minilm-l6-v2 --corpus en_ewt-ud-dev.conllu --pool max --out max.json",
  ],
  async run(neurons, options, session) {
    const { maximize } = await import("../methods/corpus/maximize.js");
    await expectOut(options.out);
    const corpus = options.corpus === undefined ? null : await readCorpusOf(options);
    const model = await loadModelOf({ model: options.model, weights: options.weights }, session);
    const { length, search, evaluations, restarts, pool, direction, tokens } = options;
    const given = { length, search, evaluations, restarts, pool, direction, tokens };
    const asked = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
    const together = options.together ? "mean" : "separate";
    const found = await maximize(model, neurons, corpus, { ...asked, together, seed: session.seed }, session.context);
    await finish(options.out, found, session);
    if (!session.json) session.print(found.targets.map(linesOf).join("\n"));
  },
});

/** What was found for a target, and the corpus' best beside it. */
function linesOf({ neurons, best, corpus }: MaximizedTarget): string {
  const [first = "", ...others] = neurons;
  const name = others.length > 0 ? `mean of ${first} and ${others.length} more` : first;
  const line = (label: string, { value, text }: { readonly value: number; readonly text: string }) =>
    `    ${label.padEnd(10)} ${value.toPrecision(5).padEnd(10)} ${JSON.stringify(text)}`;
  return [`  ${name}`, line("found", best), ...(corpus ? [line("in corpus", corpus.best)] : [])].join("\n");
}
