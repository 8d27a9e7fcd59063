import { beforeAll, describe, expect, test } from "vitest";
import { temporaryFolder } from "../temporary-folder.js";
import { llama } from "./demo-model.js";
import { refusal, writeActs } from "./refusal.js";

const folder = temporaryFolder();
beforeAll(async () => await writeActs(folder));

describe("a name", () => {
  const source = ["--activations", "acts"];
  test.each([
    [
      ["rank", "probless", ...source, "--concept", "upos", "--out", "r.json"],
      '(did you mean "probeless"?) for method but received "probless"',
    ],
    [
      ["rank", "probeless", ...source, "--concept", "uops", "--out", "r.json"],
      '(did you mean "upos"?) for concept but received "uops"',
    ],
    [["rank", "probeless", ...source, "--concept", "upos=NUON", "--out", "r.json"], '(did you mean "NOUN"?)'],
    [
      ["rank", "probeless", ...source, "--concpt", "upos", "--out", "r.json"],
      '(did you mean "--concept"?) for options but received "--concpt"',
    ],
    [
      ["rank", "variance", ...source, "--device", "nativ", "--out", "r.json"],
      '(did you mean "native"?) for device but received "nativ"',
    ],
    [
      ["extract", "--model", llama, "--corpus", "corpus.conllu", "--sites", "layers.*.residul", "--out", "x"],
      "residul",
    ],
    [
      ["explain", ...source, "--concepts", "upos,from:100", "--out", "e.json"],
      '(did you mean "form"?) for concepts but received "from"',
    ],
    [["explain", ...source, "--concepts", "upos=NUON", "--out", "e.json"], '(did you mean "NOUN"?)'],
    [["show", "layers.0.residul:3", ...source], '(did you mean "layers.0.residual"?)'],
  ])("%j is refused with a near one", async (words, sentence) => {
    expect(await refusal(folder, words)).toContain(sentence);
  });

  test("of a GPU that is not there is refused", async () => {
    const stderr = await refusal(folder, [
      "rank",
      "variance",
      ...source,
      "--device",
      "webgpu:Voodoo",
      "--out",
      "r.json",
    ]);
    expect(stderr).toMatch(/^Cannot use the webgpu:Voodoo device: no adapter has that in its name/);
  });
});
