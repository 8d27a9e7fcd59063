import { describe, expect, it } from "vitest";
import { type Capacity, fits, roundCapacity, roundUp } from "../../src/model/capacity.js";

const need: Capacity = {
  tokens: 50,
  sequences: 3,
  runs: 3,
  longest: 20,
  sourceTokens: 0,
  sources: 0,
  longestSource: 0,
  textTokens: 0,
  texts: 0,
  neurons: 0,
  rows: 0,
  targets: 47,
  entries: 0,
  listed: 0,
  headEntries: 0,
  vectors: 0,
};

describe("a capacity", () => {
  it("is 0, 16 · 2ⁱ or 24 · 2ⁱ", () => {
    expect([0, 1, 16, 17, 24, 25, 32, 33, 48, 49, 1000].map(roundUp)).toEqual([
      0, 16, 16, 24, 24, 32, 32, 48, 48, 64, 1024,
    ]);
  });

  it("fits what it was made for, and what is smaller", () => {
    const have = roundCapacity(need);
    expect(fits(have, need, true)).toBe(true);
    expect(fits(have, { ...need, tokens: 64, longest: 24 }, true)).toBe(true);
    expect(fits(have, { ...need, tokens: 65 }, false)).toBe(false);
    expect(fits(have, { ...need, entries: 1 }, false)).toBe(false);
  });

  it("does not fit what is much smaller: fewer than a quarter of the tokens, or half of the steps", () => {
    const have = { ...roundCapacity(need), tokens: 1024, longest: 96 };
    expect(fits(have, { ...need, tokens: 256 }, false)).toBe(true);
    expect(fits(have, { ...need, tokens: 128 }, false)).toBe(false);
    expect(fits(have, { ...need, tokens: 256, longest: 33 }, true)).toBe(true);
    expect(fits(have, { ...need, tokens: 256, longest: 32 }, true)).toBe(false);
  });
});
