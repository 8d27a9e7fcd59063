import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type RandomTensor, randomTensors } from "../test/fixtures/random-tensors.js";
import { tensorBytes } from "../test/fixtures/safetensors-bytes.js";
import { activation } from "../test/reference/activation.js";
import { attention } from "../test/reference/attention.js";
import { layerNorm } from "../test/reference/layer-norm.js";

/** A GPT-2 of any size with random weights. */
export interface RandomGpt2 {
  readonly layers: number;
  readonly width: number;
  readonly heads: number;
  readonly vocabulary: number;
  readonly positions: number;
  readonly tensors: Readonly<Record<string, RandomTensor>>;
}

/** Makes the weights: random numbers of the size at which GPT-2 starts its training. */
export function makeGpt2(shape: Omit<RandomGpt2, "tensors">): RandomGpt2 {
  const { layers, width, vocabulary, positions } = shape;
  const fill = randomTensors(1);
  const tensors: Record<string, RandomTensor> = {
    "wte.weight": fill(0.1, 0, vocabulary, width),
    "wpe.weight": fill(0.1, 0, positions, width),
    "ln_f.weight": fill(0.1, 1, width),
    "ln_f.bias": fill(0.1, 0, width),
  };
  const sizes = { "attn.c_attn": [width, 3 * width], "attn.c_proj": [width, width], "mlp.c_fc": [width, 4 * width], "mlp.c_proj": [4 * width, width] }; // biome-ignore format: one line
  for (let n = 0; n < layers; n++) {
    for (const [name, [inputs, outputs]] of Object.entries(sizes)) {
      tensors[`h.${n}.${name}.weight`] = fill(0.03, 0, inputs!, outputs!);
      tensors[`h.${n}.${name}.bias`] = fill(0.03, 0, outputs!);
    }
    for (const norm of ["ln_1", "ln_2"]) {
      tensors[`h.${n}.${norm}.weight`] = fill(0.1, 1, width);
      tensors[`h.${n}.${norm}.bias`] = fill(0.1, 0, width);
    }
  }
  return { ...shape, tensors };
}

/** Saves it as transformers would. */
export function saveGpt2(model: RandomGpt2, folder: string): void {
  const { layers, width, heads, vocabulary, positions, tensors } = model;
  mkdirSync(folder, { recursive: true });
  const sizes = { n_layer: layers, n_embd: width, n_head: heads, vocab_size: vocabulary, n_positions: positions };
  const config = { model_type: "gpt2", architectures: ["GPT2Model"], bos_token_id: 0, eos_token_id: 0, ...sizes };
  writeFileSync(join(folder, "config.json"), JSON.stringify({ ...config, tokenizer: "bytes" }));
  writeFileSync(join(folder, "model.safetensors"), tensorBytes(tensors));
}

/** The last layer's residual of one text, in float64 and straight from the definition. @returns tokens × width */
export function slowResidual({ layers, width, heads, tensors }: RandomGpt2, ids: readonly number[]): number[] {
  const of = (name: string) => tensors[name]!.values;
  const [words, places] = [of("wte.weight"), of("wpe.weight")];
  let x = ids.flatMap((id, t) =>
    Array.from({ length: width }, (_, c) => words[id * width + c]! + places[t * width + c]!),
  );
  const norm = (name: string) => layerNorm({ x: Float32Array.from(x), weight: of(`${name}.weight`), bias: of(`${name}.bias`) }, 1e-5); // biome-ignore format: one line
  const linear = (input: readonly number[], name: string) => {
    const [inputs, outputs] = tensors[`${name}.weight`]!.shape as [number, number];
    const [weight, bias] = [of(`${name}.weight`), of(`${name}.bias`)];
    return Array.from({ length: ids.length * outputs }, (_, i) => {
      const [row, column] = [Math.floor(i / outputs), i % outputs];
      let sum = bias[column]!;
      for (let k = 0; k < inputs; k++) sum += input[row * inputs + k]! * weight[k * outputs + column]!;
      return sum;
    });
  };
  const add = (other: readonly number[]) => x.map((value, i) => value + other[i]!);
  for (let n = 0; n < layers; n++) {
    const all = linear(norm(`h.${n}.ln_1`), `h.${n}.attn.c_attn`);
    const part = (which: number) => Float32Array.from({ length: ids.length * width }, (_, i) => all[Math.floor(i / width) * 3 * width + which * width + (i % width)]!); // biome-ignore format: one line
    const offsets = Uint32Array.of(0, ids.length);
    const input = { query: part(0), key: part(1), value: part(2), offsets, heads, headWidth: width / heads, mask: "causal" } as const; // biome-ignore format: one line
    x = add(linear(attention(input, ids.length).out, `h.${n}.attn.c_proj`));
    const hidden = activation("gelu-tanh", Float32Array.from(linear(norm(`h.${n}.ln_2`), `h.${n}.mlp.c_fc`)));
    x = add(linear(hidden, `h.${n}.mlp.c_proj`));
  }
  return x;
}
