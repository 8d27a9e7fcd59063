import { existsSync } from "node:fs";
import { join } from "node:path";
import { spacedSentence } from "../../src/corpus/corpus.js";
import { readCorpus } from "../../src/corpus/read.js";
import { ablateEach } from "../../src/methods/causal/ablate-each.js";
import { loadModel } from "../../src/model/load.js";
import { NO_TARGET } from "../../src/model/model.js";
import { benchmark } from "../measure.js";
import { root } from "../root.js";

const data = process.env.NEUROMETRY_DATA ?? join(root, "../shared/data");
const path = join(data, "models/small-gpt2");
if (!existsSync(path)) throw new Error(`Expected ${path}, or NEUROMETRY_DATA to name a folder of models and corpora`);
const text = await readCorpus(join(data, "corpora/text/wikitext2-valid.txt"));
const words = text.sentences.flatMap((sentence) => sentence.words.map(({ form }) => form)).slice(0, 4000);
const neurons = 768;
/** Neurons that the loop of hooks is timed on. */
const hooked = 32;
const size = (sentences: number, tokens: number) => ({ label: `${sentences} × ${tokens} words`, sentences, tokens });

await benchmark({
  name: "ablate-neurons",
  about:
    "`ablate --each neuron` of the 768 MLP neurons of layer 2 of a GPT-2 of 4 × 192, set to zero, loss of every token; against a loop of hooks, timed on 32 of them.",
  dtype: "float32",
  unit: "token",
  sizes: [size(1, 16), size(4, 32), size(8, 32)],
  work: ({ sentences, tokens }) => neurons * sentences * tokens,
  async prepare(device, { sentences, tokens }) {
    const model = await loadModel(path, { device });
    const texts = Array.from({ length: sentences }, (_, i) => words.slice(i * tokens, (i + 1) * tokens).join(" "));
    const corpus = { path: "words", fingerprint: "", sentences: texts.map((line) => spacedSentence(line)) };
    const options = { each: "neuron", sites: "layers.2.mlp.hidden", value: "zero", metric: "loss" } as const;
    const encodings = await model.tokenizer.encode(texts);
    const plainLoss = async (column: number) => {
      let [sum, count] = [0, 0];
      for (const { ids } of encodings) {
        const targets = Uint32Array.of(...ids.subarray(1), NO_TARGET);
        const change = { site: "layers.2.mlp.hidden", columns: [column], operation: "set", value: 0 } as const;
        using forward = model.forward({ sequences: [ids], targets, interventions: [change] });
        const losses = await forward.losses();
        sum += losses.reduce((total, loss) => total + loss, 0);
        count += ids.length - 1;
      }
      return sum / count;
    };
    return {
      run: () => ablateEach(model, corpus, options),
      async check({ scores, baseline }) {
        let largest = 0;
        for (const column of [0, 100, 767]) {
          const truth = await plainLoss(column);
          largest = Math.max(largest, Math.abs(baseline + (scores[column] ?? Number.NaN) - truth) / truth);
        }
        if (!(largest <= 1e-4)) throw new Error(`A loss is wrong by ${largest}, relatively`);
        return largest;
      },
      python: {
        "transformers, a hook a neuron": {
          setup: `import torch
from transformers import AutoModelForCausalLM, AutoTokenizer
p = ${JSON.stringify(path)}; t = AutoTokenizer.from_pretrained(p); m = AutoModelForCausalLM.from_pretrained(p, dtype=torch.float32).eval()
ids = [torch.tensor([t(s)["input_ids"]]) for s in ${JSON.stringify(texts)}]
class Zero:
    def __init__(self, j): self.j = j
    def __call__(self, module, given): h = given[0].clone(); h[..., self.j] = 0; return (h,)`,
          run: `with torch.inference_mode():
    for j in range(${hooked}):
        hook = m.transformer.h[2].mlp.c_proj.register_forward_pre_hook(Zero(j))
        for i in ids: m(i, labels=i).loss
        hook.remove()`,
          part: hooked / neurons,
        },
      },
    };
  },
});
