import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { openDevice } from "../../src/device/select.js";
import { measureAblations } from "../../src/methods/causal/measure.js";
import { loadModel } from "../../src/model/load.js";
import { benchmark } from "../measure.js";
import { randomPassages, zeroed } from "../passages.js";
import { makeGpt2, saveGpt2 } from "../random-gpt2.js";
import { root } from "../root.js";

const [width, vocabulary] = [256, 4096];
const folder = mkdtempSync(join(root, ".cache/random-gpt2-growth-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

interface Size {
  readonly label: string;
  readonly tokens: number;
  readonly neurons: number;
  readonly layers: number;
  /** Multiplications and additions that the sweep itself reports. */
  readonly operations: number;
}

const folderOf = ({ layers }: Pick<Size, "layers">) => join(folder, `${layers}-layers`);
const passagesOf = ({ tokens }: Pick<Size, "tokens">) => randomPassages({ texts: tokens / 32, tokens: 32, vocabulary });
const ablationsOf = ({ neurons, layers }: Pick<Size, "neurons" | "layers">) =>
  Array.from({ length: neurons }, (_, i) => zeroed(`layers.${i % layers}.mlp.hidden`, Math.floor(i / layers)));
const options = { metric: "loss", positions: "all", batchTokens: 4096 } as const;

for (const layers of [3, 6, 12]) saveGpt2(makeGpt2({ layers, width, heads: 4, vocabulary, positions: 64 }), folderOf({ layers })); // biome-ignore format: one line

await measure("tokens", [await sized(64, 48, 6), await sized(256, 48, 6), await sized(1024, 48, 6)]);
await measure("neurons", [await sized(256, 24, 6), await sized(256, 96, 6), await sized(256, 384, 6)]);
await measure("layers", [await sized(256, 96, 3), await sized(256, 96, 6), await sized(256, 96, 12)]);

/** A size, and what a sweep of it computes. */
async function sized(tokens: number, neurons: number, layers: number): Promise<Size> {
  const shape = { tokens, neurons, layers };
  await using device = await openDevice(process.env.NEUROMETRY_DEVICE ?? "native");
  await using model = await loadModel(folderOf(shape), { device });
  const { operations } = await measureAblations(model, passagesOf(shape), ablationsOf(shape), options);
  return { ...shape, label: `${tokens} tokens, ${neurons} neurons, ${layers} layers`, operations: operations.sweep };
}

async function measure(growing: "tokens" | "neurons" | "layers", sizes: readonly [Size, Size, Size]): Promise<void> {
  await benchmark({
    name: "sweep-growth",
    about: `neurons of all layers' MLPs of a GPT-2 of width ${width} over ${vocabulary} tokens (random weights), in texts of 32 tokens, set to zero by turns: what a sweep costs as ${growing} grow, against the arithmetic that it reports itself`,
    dtype: "float32",
    unit: "flop",
    sizes,
    work: ({ operations }) => operations,
    grown: (size) => ({ what: growing, to: size[growing] }),
    async prepare(device, size) {
      const model = await loadModel(folderOf(size), { device });
      const [passages, ablations] = [passagesOf(size), ablationsOf(size)];
      return {
        run: () => measureAblations(model, passages, ablations, options),
        check: async ({ ablated }) => {
          const last = ablations.length - 1;
          const plain = await measureAblations(model, passages, [ablations[last]!], { ...options, batchTokens: 1 });
          const error = Math.abs(ablated[last]!.sum - plain.ablated[0]!.sum) / plain.ablated[0]!.sum;
          if (!(error <= 1e-5)) throw new Error(`Expected the loss of each text alone, off by ${error}`);
          return error;
        },
        dispose: () => void model[Symbol.asyncDispose](),
      };
    },
  });
}
