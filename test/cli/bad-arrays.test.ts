import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { temporaryFolder } from "../temporary-folder.js";
import { refusal, writeActs } from "./refusal.js";

const folder = temporaryFolder();
beforeAll(async () => await writeActs(folder));

describe("an array", () => {
  const npy = (descr: string, shape: string, bytes: number) => {
    const head = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${shape}, }`.padEnd(117, " ");
    return Buffer.concat([
      Buffer.from("\x93NUMPY\x01\x00\x76\x00", "latin1"),
      Buffer.from(`${head}\n`),
      Buffer.alloc(bytes),
    ]);
  };
  const nan = () => {
    const array = npy("<f4", "(4, 2)", 32);
    array.writeFloatLE(Number.NaN, array.length - 12);
    return array;
  };

  test.each<[string, Buffer, RegExp]>([
    ["that is cut short", npy("<f4", "(100, 2)", 20), /short\.npy/],
    ["of three dimensions", npy("<f4", "(2, 2, 2)", 32), /two-dimensional/],
    ["of strings", npy("<U5", "(2, 2)", 80), /strings/],
    ["of pickled objects", npy("|O", "(2, 2)", 32), /objects|pickle|O/],
    ["without rows", npy("<f4", "(0, 4)", 0), /row/],
    ["with a NaN", nan(), /row 2 of activations:1 but received NaN/],
    ["that is none", Buffer.from("hello"), /npy/],
  ])("%s is refused", async (name, bytes, sentence) => {
    const path = name === "that is cut short" ? "short.npy" : `${name}.npy`;
    writeFileSync(join(folder, path), bytes);
    expect(await refusal(folder, ["rank", "variance", "--activations", path, "--out", "r.json"])).toMatch(sentence);
  });

  test("that is not there is refused", async () => {
    const words = ["rank", "variance", "--activations", "no.npy", "--out", "r.json"];
    expect(await refusal(folder, words)).toBe("no.npy: there is no such file");
  });
});

describe("labels", () => {
  test.each([
    ["of the wrong length", "a\nb\n", /labels/],
    ["without a positive", "\n".repeat(4), /positive|label/],
  ])("%s are refused", async (name, text, sentence) => {
    const array = Buffer.concat([
      Buffer.from("\x93NUMPY\x01\x00\x76\x00", "latin1"),
      Buffer.from(`${"{'descr': '<f4', 'fortran_order': False, 'shape': (4, 2), }".padEnd(117, " ")}\n`),
      Buffer.alloc(32),
    ]);
    writeFileSync(join(folder, "four.npy"), array);
    writeFileSync(join(folder, `${name}.txt`), text);
    const words = [
      "rank",
      "average-precision",
      "--activations",
      "four.npy",
      "--labels",
      `${name}.txt`,
      "--out",
      "r.json",
    ];
    expect(await refusal(folder, words)).toMatch(sentence);
  });

  test("and concepts are both missing", async () => {
    const words = ["rank", "probeless", "--activations", "acts", "--out", "r.json"];
    expect(await refusal(folder, words)).toBe(
      "Expected KEY[=VALUE], or --labels FILE for --concept but received nothing",
    );
  });
});
