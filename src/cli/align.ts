import type { ConceptAlignment } from "../methods/corpus/replicated-text.js";
import { describeCommand } from "./command.js";
import { expectOut, finish, outOption } from "./results.js";
import { corpusOptions, loadModelOf, modelOptions, readCorpusOf } from "./source-options.js";

export const command = describeCommand({
  name: "align",
  summary: "Finds the words, word pieces and phrases that each neuron answers to when it reads nothing else (Na 2019).",
  usage: "--model MODEL --corpus FILE --sites GLOB [--sentences N] [--concepts M] --out FILE.json",
  words: { least: 0, most: 0, are: "no words" },
  options: {
    ...modelOptions,
    ...corpusOptions,
    corpus: { ...corpusOptions.corpus, required: true },
    sites: { kind: "text", value: "GLOB", help: "the sites to take, such as layers.*.residual", required: true },
    sentences: { kind: "integer", value: "N", least: 1, help: "sentences whose parts are candidates (default 10)" },
    concepts: { kind: "integer", value: "M", least: 1, help: "concepts of each neuron (default 3)" },
    out: outOption,
  },
  notes: [
    "Candidates are the words, word pieces and dependency subtrees of a neuron's strongest sentences, as lemmas where the corpus has them; each is repeated to the mean length of a sentence and read by the model.",
  ],
  examples: [
    "align --model all-minilm-l6-v2 --corpus en_ewt-ud-dev.conllu --sites layers.4.residual --out aligned.json",
  ],
  async run(_words, options, session) {
    const { alignConcepts } = await import("../methods/corpus/replicated-text.js");
    await expectOut(options.out);
    const corpus = await readCorpusOf(options);
    const model = await loadModelOf({ model: options.model, weights: options.weights }, session);
    const { sites, sentences, concepts } = options;
    const amounts = { ...(sentences !== undefined && { sentences }), ...(concepts !== undefined && { concepts }) };
    const found = await alignConcepts(model, corpus, { sites, ...amounts }, session.context);
    await finish(options.out, found, session);
    if (!session.json) session.print(bestOf(found).join("\n"));
  },
});

/** The five neurons that keep to their concepts most. */
function bestOf({ neurons }: ConceptAlignment): string[] {
  const best = [...neurons].sort((a, b) => b.selectivity - a.selectivity || a.column - b.column).slice(0, 5);
  return best.map(({ neuron, selectivity, concepts }) => {
    return `  ${neuron.padEnd(32)} ${selectivity.toPrecision(3)}  ${concepts.map(({ text }) => JSON.stringify(text)).join(", ")}`;
  });
}
