import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { generate } from "../../src/model/generate.js";
import { loadModel } from "../../src/model/load.js";
import { openTestDevice } from "../devices.js";
import { fixturePath } from "../fixtures/model-fixture.js";
import { temporaryFolder } from "../temporary-folder.js";
import { neurometry } from "./command-line.js";
import { llama } from "./demo-model.js";
import { refusal } from "./refusal.js";

const folder = temporaryFolder();
const lstm = join(import.meta.dirname, "../../src/demo/models/lstm");

async function run(...words: string[]): Promise<string> {
  const { code, stdout, stderr } = await neurometry(["generate", ...words, "--device", "native"], folder);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return stdout;
}

describe("neurometry generate", () => {
  const keys = ["--model", llama, "--prompt", "The keys to the cabinet", "--tokens", "8"];

  test("prints the prompt and what follows it, as --json says", async () => {
    const text = await run(...keys);
    expect(text).toMatch(/^The keys to the cabinet .+\n$/);
    const { prompt, tokens, end, ...rest } = JSON.parse(await run(...keys, "--json"));
    expect([prompt, tokens.length, end]).toEqual(["The keys to the cabinet", 8, "tokens"]);
    expect(`${rest.text}\n`).toBe(text);
    expect(await run(...keys, "--greedy")).toBe(text);
  });

  test("continues several prompts, each as alone", async () => {
    const random = ["--temperature", "1", "--top-k", "40", "--top-p", "0.95", "--seed", "3"];
    const [first] = (await run(...keys, "--prompt", "A man", ...random)).split("\n");
    expect(await run(...keys, ...random)).toBe(`${first}\n`);
  });

  test("prints what an encoder-decoder writes without the source that it read", async () => {
    const words = ["--model", fixturePath("bart"), "--prompt", "abc", "--tokens", "5"];
    const { prompt, text, tokens } = JSON.parse(await run(...words, "--json"));
    expect([prompt, tokens.length]).toEqual(["abc", 5]);
    await using device = await openTestDevice("native");
    await using model = await loadModel(fixturePath("bart"), { device });
    const [written] = await generate(model, ["abc"], { tokens: 5 });
    expect(written!.text.length).toBeGreaterThan(2);
    expect(text).toBe(written!.text);
    expect(await run(...words)).toBe(`${text}\n`);
    expect((await run(...words, "--prompt", "a")).split("\n")[0]).toBe(text);
  });

  test("stops before a string, with commas and line ends as they are", async () => {
    const whole = await run("--model", lstm, "--prompt", "The keys", "--tokens", "60");
    const at = whole.indexOf(" ", 12);
    const stopped = await run("--model", lstm, "--prompt", "The keys", "--tokens", "60", "--stop", whole.slice(at, at + 4), "--stop", "\\n"); // biome-ignore format: one line
    expect(stopped).toBe(`${whole.slice(0, at)}\n`);
  });

  test("holds neurons, ranges and heads at values", async () => {
    const text = await run(...keys);
    for (const set of ["layers.1.residual:0=40", "layers.1.residual:0-3,7=9", "layers.0.attention.heads:head.1=3"]) {
      expect(await run(...keys, "--set", set)).not.toBe(text);
    }
    expect(await run(...keys, "--set", "layers.1.residual:0=40,layers.1.residual:1=0")).toBe(await run(...keys, "--set", "layers.1.residual:0=40", "--set", "layers.1.residual:1=0")); // biome-ignore format: one line
  });

  const cows = ["generate", "--model", llama, "--prompt", "The cows"];
  test.each([
    [["generate", "--model", lstm, "--prompt", ""], "Expected a text of at least one token, as the tokenizer adds none that begins a text for prompt"], // biome-ignore format: one line
    [["generate", "--model", lstm, "--prompt", "x", "--bos"], "a model whose config has a bos_token_id"],
    [[...cows, "--set", "layers.1.attention.heads:head.9=0"], "heads from 0 to 3 for heads of layers.1.attention.heads but received 9"], // biome-ignore format: one line
    [
      [...cows, "--set", "layers.1.mlp.hidden:192=0"],
      "Expected layers.1.mlp.hidden:0 to layers.1.mlp.hidden:191 for neuron",
    ],
    [[...cows, "--set", "layers.9.mlp.hidden:1=0"], "Expected a site of the model"],
    [[...cows, "--set", "layers.1.mlp.hidden:1"], "Expected SITE:INDEX=VALUE"],
    [[...cows, "--greedy", "--top-k", "3"], "Expected nothing at random beside it for --greedy"],
    [[...cows, "--top-p", "2"], "Expected a number above 0 and at most 1 for topP but received 2"],
    [[...cows, "--temperature", "-1"], "Expected a number of at least 0 for temperature"],
    [["generate", "--model", llama, "--prompt", "cows ".repeat(200)], "Expected at most 128 tokens (the model's positions)"], // biome-ignore format: one line
  ])("%j is refused", async (words, sentence) => {
    expect(await refusal(folder, [...words, "--device", "native"])).toContain(sentence);
  });
});
