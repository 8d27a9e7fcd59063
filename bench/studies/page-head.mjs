import { counted } from "./numbers.mjs";
import { contextsOfEach } from "./sweep-results.mjs";
import { markdownTable } from "./tables.mjs";

const sources = {
  "all-minilm-l6-v2": "[sentence-transformers/all-MiniLM-L6-v2](https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2): BERT, 6 layers × 384, 12 heads a layer",
  "small-gpt2": "trained for this project on 10.2 M tokens, EWT's train among them: GPT-2, 4 layers × 192, 6 heads a layer",
  "byte-lstm-lm": "[arirahikkala/dash-with-transformer](https://github.com/arirahikkala/dash-with-transformer): LSTM, 2 layers × 512, reads bytes",
}; // biome-ignore format: a line each

/** What holds for all sections: what was done, with which program, models and texts, and how to read it. */
export function pageHead({ version, commit }, computed, sets) {
  const operations = [...computed.map(({ results }) => results.result), ...sets.map(({ result }) => result)];
  const total = operations.reduce((sum, { operations: { sweep } }) => sum + sweep, 0);
  const [{ results: one }] = computed;
  const { level, resamples } = one.result.intervals;
  return `# Sweeps of real models

Written by \`npm run studies\`; every number in its tables and findings is counted from the results of the commands that stand under them. Everything was computed by neurometry ${version} (commit ${commit}) on its ${one.result.provenance.device} device; the sweeps come to ${counted(Math.round(total / 1e12))} · 10¹² operations, sized to end within about 20 minutes on two quiet cores.

*Damage* is how much worse a metric becomes when a unit is set to its mean over the ablated positions. *Loss* is the mean −ln p of the right next token, *kl* the mean KL divergence of what the model predicts from what it predicted before, both in nats; *representation* is the mean distance that the last residual moves, as a share of its length. Intervals hold ${100 * level} % of ${counted(resamples)} means of a bootstrap over sentences, and are each unit's own: none is corrected for how many units there are, so beside each sweep by a metric that can go both ways stands how many would leave out 0 by chance.

Neurons are those of \`layers.*.mlp.hidden\` (of the LSTM, \`layers.*.hidden\`). Beside each stands where in the whole of EWT dev it is largest: the words (of the LSTM, the bytes; of its units also where they are smallest), and what at least four fifths of the ${contextsOfEach} largest have in common, with how many have it. A context says what a neuron answers to, its damage what the model needs it for: that the two have to do with each other is the reader's guess.

EWT dev is the development part of the [Universal Dependencies English Web Treebank](https://github.com/UniversalDependencies/UD_English-EWT), BLiMP [Warstadt et al. 2020](https://github.com/alexwarstadt/blimp).

${markdownTable(modelsOf(computed))}`;
}

function modelsOf(computed) {
  const prints = new Map(computed.map(({ sweep, results }) => [sweep.model, results.result.provenance.model]));
  return [...prints].map(([model, print]) => ({
    model,
    "what it is": sources[model],
    "SHA-256 (of what the results call the model)": `\`${print.slice(0, 16)}…\``,
  }));
}
