import { expect, test } from "vitest";
import { predictedBytes } from "../../src/evaluation/predicted-bytes.js";
import { byteTokenizer } from "../../src/model/byte-tokenizer.js";
import type { Model } from "../../src/model/model.js";

const file = { tokenizer: { kind: "file" } } as Model;
const spans = (...pairs: [number, number][]) => ({
  starts: pairs.map(([start]) => start),
  ends: pairs.map(([, end]) => end),
  special: pairs.map(([start, end]) => Number(start === end)),
});

test("a space between tokens counts for the later one, and special tokens for nothing", () => {
  const tokens = spans([0, 0], [0, 2], [3, 5], [0, 0]);
  expect(predictedBytes(file, "ab cd", tokens, () => true)).toBe(5);
  expect(predictedBytes(file, "ab cd", tokens, (token) => token === 2)).toBe(3);
});

test("characters count in UTF-8, once where several tokens stand for one", () => {
  expect(predictedBytes(file, "é😀x", spans([0, 1], [1, 2], [1, 2], [2, 3]), () => true)).toBe(7);
  expect(predictedBytes(file, "é😀x", spans([0, 1], [1, 2], [1, 2], [2, 3]), (token) => token > 1)).toBe(1);
});

test("a byte model's tokens are a byte each", async () => {
  const tokenizer = byteTokenizer();
  const [encoding] = await tokenizer.encode(["é😀"]);
  expect(predictedBytes({ tokenizer } as Model, "é😀", encoding!, (token) => token > 0)).toBe(5);
});
