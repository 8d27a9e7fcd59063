import { describe, expect, it } from "vitest";
import { expectedPath, fixturePath } from "../fixtures/model-fixture.js";
import { neurometry } from "./command-line.js";

const run = (...words: string[]) => neurometry(["inspect", ...words, "--device", "native", "--quiet"]);

describe("neurometry inspect", () => {
  it("names family, head, labels, both stacks, dtypes and what is not used", async () => {
    const classifier = await run(fixturePath("bert-sequences"));
    expect(classifier.stdout).toMatch(/family +bert\n +head +classifier of sequences\n +labels +a, b, c, d, e\n/);
    const both = await run(fixturePath("t5"));
    expect(both.stdout).toMatch(
      /encoder +2, 2 heads each, reads sentences of any length\n +decoder +2, 2 heads each\n/,
    );
    const half = JSON.parse((await run(fixturePath("electra"), "--json")).stdout);
    expect(half).toMatchObject({ family: "electra", head: { kind: "masked" }, dtypes: ["F16"], unused: [] });
  });

  it("compares every site with a reference, and shows each", async () => {
    const { code, stdout } = await run(fixturePath("gpt2"), "--verify", expectedPath("gpt2"));
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ {2}site +absolute +relative\n {2}embed +\d\.\de-\d +\d\.\de-\d\n/);
    expect(stdout).toMatch(/\nworst: \S+, \d\.\de-\d \(\d\.\de-\d of its largest number\)\n/);
    const found = JSON.parse((await run(fixturePath("gpt2"), "--verify", expectedPath("gpt2"), "--json")).stdout);
    expect(found).toMatchObject({ within: true, tolerance: 1e-4, missing: [] });
    expect(found.sites.length).toBe(23);
  });

  it("fails with exit code 1 where a site is too far", async () => {
    const given = [fixturePath("gpt2"), "--weights", "random", "--verify", expectedPath("gpt2")];
    const { code, stdout, stderr } = await run(...given);
    expect(code).toBe(1);
    expect(stdout).toContain("worst: ");
    expect(stderr).toMatch(
      /^neurometry failed: expected every site within 0\.0001 of \S+ but \d+ of 23 are not, \S+ by \d\.\de[+-]\d\n$/,
    );
    expect((await run(...given, "--tolerance", "1000")).code).toBe(0);
  });

  it.each([
    [["--tolerance", "1"], "Expected nothing without --verify for --tolerance"],
    [["--verify", "none.safetensors"], "none.safetensors: there is no such file"],
    [["--verify", expectedPath("gpt2"), "--tolerance", "-1"], "Expected a number of at least 0 for --tolerance"],
    [["--weights", "randon"], '(did you mean "random"?) for --weights'],
  ])("%j is refused in one sentence", async (words, sentence) => {
    const { code, stdout, stderr } = await run(fixturePath("gru"), ...words);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(sentence);
  });
});
