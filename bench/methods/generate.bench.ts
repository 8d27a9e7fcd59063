import { rmSync } from "node:fs";
import { join } from "node:path";
import { generate } from "../../src/model/generate.js";
import { loadModel } from "../../src/model/load.js";
import type { Model } from "../../src/model/model.js";
import { selectSites } from "../../src/model/sites.js";
import { benchmark } from "../measure.js";
import type { PythonPeer } from "../python.js";
import { makeGpt2, saveGpt2 } from "../random-gpt2.js";
import { root } from "../root.js";

const models = join(root, "../shared/data/models");
const random = join(root, ".cache/random-gpt2-generate");
saveGpt2(makeGpt2({ layers: 12, width: 768, heads: 12, vocabulary: 50_257, positions: 1024 }), random);
process.on("exit", () => rmSync(random, { recursive: true, force: true }));

/** Tokens of each prompt, and tokens that follow it. */
const promptLength = 16;

interface Size {
  readonly label: string;
  readonly path: string;
  readonly texts: number;
  readonly prompts: readonly Uint32Array[];
  readonly tokens: number;
}

function sizesOf(texts: number): readonly [Size, Size, Size] {
  const shared = { texts, prompts: promptsOf(texts) };
  const label = (name: string, tokens: number) => `${name}, ${texts} × ${tokens} tokens`;
  return [
    { ...shared, label: label("stories260k-llama", 64), path: join(models, "stories260k-llama"), tokens: 64 },
    { ...shared, label: label("small-gpt2", 64), path: join(models, "small-gpt2"), tokens: 64 },
    { ...shared, label: label("shape of GPT-2 small", 16), path: random, tokens: 16 },
  ];
}

function promptsOf(texts: number): Uint32Array[] {
  return Array.from({ length: texts }, (_, s) => Uint32Array.from({ length: promptLength }, (_, t) => 3 + ((7 * s + t * t) % 400))); // biome-ignore format: one line
}

for (const texts of [1, 16]) {
  await benchmark({
    name: "generate",
    about: `greedy generation, ${texts === 1 ? "one text" : `${texts} texts in a batch`}, prompts of ${promptLength} tokens; transformers with its key-value cache, whose tokens are the same; sizes are models, so the exponent says nothing`,
    dtype: "float32",
    unit: "token",
    sizes: sizesOf(texts),
    work: ({ texts, tokens }) => texts * tokens,
    async prepare(device, { path, prompts, tokens }) {
      const model = await loadModel(path, { device });
      const run = () => generate(model, prompts, { tokens, endings: "ignore" });
      const written = (await run()).map(({ ids }) => [...ids]);
      return {
        run,
        check: () => check(model, prompts[0]!, written[0]!),
        python: { "transformers, use_cache": transformers(path, prompts, written) },
        dispose: () => void model[Symbol.asyncDispose](),
      };
    },
  });
}

/** The first tokens are those of whole passes over the text, read anew for each. */
async function check(model: Model, prompt: Uint32Array, written: readonly number[]): Promise<number> {
  const text = [...prompt];
  for (const id of written.slice(0, 5)) {
    using forward = model.forward({ sequences: [Uint32Array.from(text)], capture: { sites: selectSites(model.sites, "logits") } }); // biome-ignore format: one line
    const last = (await forward.captured!.values()).slice(-model.vocabulary);
    const best = last.indexOf(Math.max(...last));
    if (best !== id) throw new Error(`Expected token ${best} of a whole pass but ${id} was generated`);
    text.push(best);
  }
  return 0;
}

function transformers(path: string, prompts: readonly Uint32Array[], written: readonly number[][]): PythonPeer {
  const setup = [
    "import json, torch, transformers",
    "transformers.logging.set_verbosity_error()",
    `ids = torch.tensor(json.loads('${JSON.stringify(prompts.map((ids) => [...ids]))}'))`,
    `ours = torch.tensor(json.loads('${JSON.stringify(written)}'))`,
    `model = transformers.AutoModelForCausalLM.from_pretrained('${path}').eval()`,
    "model.generation_config.eos_token_id = None",
    "mask = torch.ones_like(ids)",
    "def run():",
    "  with torch.inference_mode():",
    "    return model.generate(ids, attention_mask=mask, max_new_tokens=ours.shape[1], do_sample=False, use_cache=True, pad_token_id=0)",
    "assert torch.equal(run()[:, ids.shape[1]:], ours), 'transformers generates other tokens'",
  ].join("\n");
  return { setup, run: "run()" };
}
