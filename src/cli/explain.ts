import { describeCommand } from "./command.js";
import { expectOut, finish, outOption } from "./results.js";
import { openSourceOf, sourceOptions } from "./source-options.js";

export const command = describeCommand({
  name: "explain",
  summary: "Finds for every neuron the formula of concepts that says best where it is on (Mu and Andreas 2020).",
  usage: "--activations SOURCE --concepts KEY,KEY:K,KEY=VALUE,… [options] --out FILE.json",
  words: { least: 0, most: 0, are: "no words" },
  options: {
    ...sourceOptions,
    concepts: {
      kind: "text",
      value: "LIST",
      help: "what formulas are made of: upos (all values), form:2000 (the most frequent), feats, upos=NOUN, form~^un",
    },
    labels: { kind: "text", value: "FILE", help: "a label a row beside or instead of --concepts: .npy, or one a line" },
    neighbors: {
      kind: "text",
      value: "VECTORS",
      help: "word2vec or GloVe vectors (text): NEIGHBORS(word), a word or its five nearest, is a concept too",
    },
    threshold: {
      kind: "text",
      value: "X|match",
      help: "a neuron is on above X (default 0), or as often as the concept that fits it best",
    },
    quantile: { kind: "number", value: "α", help: "a neuron is on above its 1 − α quantile" },
    masks: { kind: "text", value: "FILE", help: "masks that --masks-out wrote, instead of a cut" },
    "masks-out": { kind: "text", value: "FILE", help: "where the masks are kept, packed, as .safetensors" },
    beam: { kind: "integer", value: "B", least: 1, help: "formulas kept at every step (default 10)" },
    length: { kind: "integer", value: "L", least: 1, help: "leaves of the longest formula (default 5)" },
    penalty: { kind: "number", value: "P", help: "what each leaf behind the first multiplies a score by (default 1)" },
    compat: {
      kind: "text",
      choices: ["mu-andreas"],
      help: "masks of fewer than 500 rows have no formula, and the authors' beam",
    },
    exact: {
      kind: "flag",
      help: "prove the best of all formulas, of at most 100 concepts, and say how far the beam was",
    },
    out: outOption,
  },
  notes: [
    "A formula is a chain of OR, AND and AND NOT, such as ((upos=NOUN OR upos=PROPN) AND NOT deprel=nsubj); its score is the share of rows where it holds or the neuron is on that have both.",
  ],
  examples: [
    "explain --activations acts --concepts upos,feats,deprel,form:2000 --out formulas.json",
    "explain --model byte-lstm-lm --corpus en_ewt-ud-dev.conllu --sites 'layers.*.hidden' --concepts upos,form:500 --quantile 0.05 --length 3 --out formulas.json",
  ],
  async run(_words, options, session) {
    const { explain } = await import("../methods/corpus/explain.js");
    await expectOut(options.out);
    const source = await openSourceOf(options, session);
    const { concepts, labels, neighbors, threshold, quantile, masks, beam, length, penalty, compat, exact } = options;
    const { readLabels } = await import("../corpus/labels.js");
    const given = {
      concepts,
      neighbors,
      labels: labels === undefined ? undefined : await readLabels(labels, source.rows),
      ...{ threshold: threshold as "match" | undefined, quantile, masks, beam, length, penalty, compat },
      masksOut: options["masks-out"],
      exact: exact || undefined,
    };
    const own = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
    const device = await session.device();
    await finish(options.out, await explain(source, { ...own, device, seed: session.seed }, session.context), session);
  },
});
