import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { npyHeader } from "../../src/core/npy.js";
import { temporaryFolder } from "../temporary-folder.js";
import { neurometry } from "./command-line.js";
import { llama, writeCorpus } from "./demo-model.js";
import { refusal } from "./refusal.js";

const folder = temporaryFolder();
const width = JSON.parse(readFileSync(join(llama, "config.json"), "utf8")).hidden_size as number;

/** An array of ones but for the first number of each row. */
function write(name: string, ...shape: number[]): void {
  const values = new Float32Array(shape.reduce((product, size) => product * size, 1)).fill(1);
  for (let i = 0; i < values.length; i += shape.at(-1)!) values[i] = i + 2;
  writeFileSync(join(folder, name), Buffer.concat([npyHeader("f4", shape), new Uint8Array(values.buffer)]));
}

beforeAll(() => {
  writeCorpus(folder, 6);
  write("direction.npy", width);
  write("two.npy", 2, width);
  write("narrow.npy", width - 1);
  write("deep.npy", 2, 1, width);
});

const words = (...more: string[]) => [
  ...["ablate", "--model", llama, "--corpus", "corpus.conllu", "--each", "layer", "--sites", "layers.*.residual"],
  ...["--metric", "loss", "--out", "out.json", "--device", "native", ...more],
];

it("takes the residual off a direction, or off two, layer by layer", async () => {
  const scores: number[][] = [];
  for (const name of ["direction.npy", "two.npy"]) {
    const { code, stderr } = await neurometry([...words("--value", "project", "--direction", name), "--quiet"], folder);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const result = JSON.parse(readFileSync(join(folder, "out.json"), "utf8"));
    expect(result).toMatchObject({
      value: "project",
      options: { directions: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
    scores.push(result.scores);
  }
  expect(scores[0]!.some((score) => Math.abs(score) > 1e-4)).toBe(true);
  expect(scores[1]).not.toEqual(scores[0]);
});

it.each([
  [["--value", "project"], 'Expected a direction to project off for directions but received "project"'],
  [
    ["--value", "zero", "--direction", "direction.npy"],
    'Expected nothing without project for directions but received "zero"',
  ],
  [["--value", "project", "--direction", "no.npy"], "no.npy: there is no such file"],
  [
    ["--value", "project", "--direction", "deep.npy"],
    `deep.npy: expected a direction, or rows of them, but its shape is (2, 1, ${width})`,
  ],
  [["--value", "project", "--direction", "narrow.npy"], `for directions but received "${width - 1} numbers"`],
])("%j is refused in one sentence", async (more, sentence) => {
  expect(await refusal(folder, words(...more))).toContain(sentence);
});
