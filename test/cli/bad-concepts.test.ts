import { beforeAll, describe, expect, test } from "vitest";
import { temporaryFolder } from "../temporary-folder.js";
import { refusal, writeActs } from "./refusal.js";

const folder = temporaryFolder();
beforeAll(async () => await writeActs(folder));

describe("concepts", () => {
  const rank = (method: string, ...rest: string[]) => [
    "rank",
    method,
    "--activations",
    "acts",
    ...rest,
    "--out",
    "r.json",
  ];
  test.each([
    [rank("iou", "--concepts", "upos,from:100"), '(did you mean "form"?) for concepts but received "from"'],
    [
      rank("average-precision", "--concepts", "upos", "--concept", "upos"),
      'Expected nothing beside --concept or --labels for --concepts but received "upos"',
    ],
    [rank("probeless", "--concepts", "upos"), "one of --compat for probeless"],
    [rank("spearman", "--concept", "upos"), 'Expected a key whose values are numbers for concept but received "upos='],
    [rank("spearman", "--concept", "lenght"), '(did you mean "length"?) for concept but received "lenght"'],
    [rank("iou", "--concept", "upos", "--masks", "missing.safetensors"), "missing.safetensors"],
    [
      rank("iou", "--concept", "upos", "--threshold", "match", "--permutations", "9"),
      "Expected nothing beside threshold match for permutations but received 9",
    ],
    [rank("iou", "--concept", "upos", "--masks-out", "none/m.safetensors"), "none/m.safetensors"],
  ])("%j are refused in one sentence", async (words, sentence) => {
    expect(await refusal(folder, words)).toContain(sentence);
  });
});
