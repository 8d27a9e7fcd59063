import { existsSync } from "node:fs";
import { join } from "node:path";
import { random } from "../../src/core/random.js";
import { NGramReader } from "../../src/methods/corpus/n-gram-reader.js";
import { loadModel } from "../../src/model/load.js";
import type { Model } from "../../src/model/model.js";
import { selectSites } from "../../src/model/sites.js";
import { benchmark } from "../measure.js";
import type { PythonPeer } from "../python.js";
import { root } from "../root.js";

const data = process.env.NEUROMETRY_DATA ?? join(root, "../shared/data");
const path = join(data, "models/all-minilm-l6-v2");
if (!existsSync(path)) throw new Error(`Expected ${path}, or NEUROMETRY_DATA to name a folder of models and corpora`);

/** [CLS] and [SEP], which surround every text. */
const around = { before: Uint32Array.of(101), behind: Uint32Array.of(102) };
const site = "layers.3.mlp.hidden";

const sizeOf = (count: number) => ({ label: `${count} 5-grams`, count, nGrams: draw(count) });

/** Seeded 5-grams of whole words of the vocabulary. */
function draw(count: number): Uint32Array[] {
  const uniform = random(1);
  return Array.from({ length: count }, () =>
    Uint32Array.from({ length: 5 }, () => 2000 + Math.floor(20_000 * uniform())),
  );
}

await benchmark({
  name: "maximize",
  about: `n-grams read as the search for a neuron's largest value reads them (${site} of all-minilm-l6-v2, maximum over an n-gram's tokens, all 1,536 neurons at once); transformers in batches of 256 up to the same layer`,
  dtype: "float32",
  unit: "row",
  sizes: [sizeOf(256), sizeOf(1024), sizeOf(4096)],
  work: ({ count }) => count,
  async prepare(device, { nGrams }) {
    const model = await loadModel(path, { device });
    const sites = selectSites(model.sites, site);
    const run = async () => {
      const rows: Float32Array[] = [];
      await new NGramReader(model, sites, around, "max").each(nGrams, (values) => rows.push(values));
      return rows;
    };
    return {
      run,
      check: ([first]) => check(model, nGrams, first!),
      python: { "transformers, batches of 256": transformers(nGrams) },
      dispose: () => void model[Symbol.asyncDispose](),
    };
  },
});

/** The first n-grams alone, token by token: the largest difference. */
async function check(model: Model, nGrams: readonly Uint32Array[], values: Float32Array): Promise<number> {
  let worst = 0;
  for (const [n, ids] of nGrams.slice(0, 3).entries()) {
    const sequence = Uint32Array.of(...around.before, ...ids, ...around.behind);
    using forward = model.forward({ sequences: [sequence], capture: { sites: selectSites(model.sites, site) } });
    const tokens = await forward.captured!.values();
    const width = tokens.length / sequence.length;
    for (let column = 0; column < width; column++) {
      const own = Array.from(ids, (_, token) => tokens[(token + 1) * width + column]!);
      worst = Math.max(worst, Math.abs(Math.max(...own) - values[n * width + column]!));
    }
  }
  if (!(worst < 1e-4)) throw new Error(`Expected the values of each n-gram alone, off by ${worst}`);
  return worst;
}

function transformers(nGrams: readonly Uint32Array[]): PythonPeer {
  const setup = [
    "import json, torch, transformers",
    `ids = torch.tensor(json.loads('${JSON.stringify(nGrams.map((nGram) => [101, ...nGram, 102]))}'))`,
    `model = transformers.AutoModel.from_pretrained('${path}').eval()`,
    "model.encoder.layer = model.encoder.layer[:4]",
    "kept = []",
    "model.encoder.layer[3].intermediate.register_forward_hook(lambda m, i, o: kept.append(o[:, 1:-1].amax(1)))",
    "def read():",
    "  kept.clear()",
    "  with torch.inference_mode():",
    "    for part in ids.split(256): model(input_ids=part)",
  ].join("\n");
  return { setup, run: "read()" };
}
