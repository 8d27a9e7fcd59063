import { describe, expect, it } from "vitest";
import { chooseToken, isGreedy, samplingOf } from "../../src/model/sampling.js";
import { randomFloats } from "../floats.js";

const logits = Float32Array.of(1, 3, -2, 2.5, 0);

/** How often each token is chosen, by position. */
function shares(options: Parameters<typeof samplingOf>[0], draws = 20_000, seen: number[] = []): number[] {
  const counts = new Array<number>(logits.length).fill(0);
  for (let position = 0; position < draws; position++) {
    counts[chooseToken(logits.slice(), samplingOf(options), seen, { text: 0, position })]!++;
  }
  return counts.map((count) => count / draws);
}

function softmax(values: readonly number[]): number[] {
  const weights = values.map((value) => Math.exp(value));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

function close(found: readonly number[], wanted: readonly number[]): void {
  // four standard errors of a share at 20,000 draws
  found.forEach((share, i) => {
    expect(Math.abs(share - wanted[i]!)).toBeLessThan(4 * Math.sqrt((wanted[i]! * (1 - wanted[i]!)) / 20_000) + 1e-9);
  });
}

describe("a token", () => {
  it("is the likeliest, the first of equals, where nothing is random", () => {
    const at = { text: 0, position: 0 };
    expect(chooseToken(Float32Array.of(0, 2, 2), samplingOf({}), [], at)).toBe(1);
    expect([isGreedy(samplingOf({})), isGreedy(samplingOf({ topK: 3 })), isGreedy(samplingOf({ repetitionPenalty: 2 }))]).toEqual([true, false, false]); // biome-ignore format: one line
  });

  it("is chosen as often as the softmax says, at any temperature", () => {
    for (const temperature of [0.5, 1, 3]) {
      close(shares({ temperature }), softmax([...logits].map((logit) => logit / temperature)));
    }
  });

  it("is one of the k likeliest, and of those as likely as the last of them", () => {
    close(shares({ topK: 2 }), softmax([-Infinity, 3, -Infinity, 2.5, -Infinity]));
    const tied = Float32Array.of(1, 1, 0, 1);
    const chosen = new Set(Array.from({ length: 200 }, (_, position) => chooseToken(tied.slice(), samplingOf({ topK: 1 }), [], { text: 0, position }))); // biome-ignore format: one line
    expect([...chosen].sort()).toEqual([0, 1, 3]);
  });

  it("is one of the fewest whose probabilities add up to p", () => {
    const all = softmax([...logits]); // .53, .32, .07 …: two make .85, three .92
    const [first, second, third] = [all[1]!, all[3]!, all[0]!];
    for (const [topP, count] of [
      [first - 0.01, 1],
      [first + 0.01, 2],
      [first + second + 0.01, 3],
      [first + second + third + 0.01, 4],
    ] as const) {
      expect(shares({ topP }, 2000).filter((share) => share > 0).length).toBe(count);
    }
    close(shares({ topP: first + 0.01 }), softmax([-Infinity, 3, -Infinity, 2.5, -Infinity]));
  });

  it("is rarer once the text has it", () => {
    close(shares({ temperature: 1, repetitionPenalty: 2 }, 20_000, [1, 2, 1]), softmax([1, 1.5, -4, 2.5, 0]));
  });

  it("does not depend on differences in the last bits", () => {
    const many = randomFloats(5000, 4).map((value) => 6 * value);
    const other = many.map((value, i) => value * (1 + (i % 2 === 0 ? 2e-7 : -2e-7)) + 1e-6);
    let [same, all] = [0, 0];
    for (let position = 0; position < 300; position++) {
      for (const options of [{ temperature: 1 }, { topK: 50 }, { topP: 0.9 }]) {
        const [a, b] = [many, other].map((values) => chooseToken(values.slice(), samplingOf(options), [], { text: 1, position })); // biome-ignore format: one line
        all++;
        if (a === b) same++;
      }
    }
    expect(same).toBe(all);
  });

  it("is found among a vocabulary by the same race as the definition's", () => {
    const many = randomFloats(1000, 5).map((value) => 3 * value);
    const counts = new Float64Array(1000);
    for (let position = 0; position < 4000; position++) counts[chooseToken(many.slice(), samplingOf({ temperature: 1 }), [], { text: 2, position })]!++; // biome-ignore format: one line
    const wanted = softmax([...many]);
    const chi = counts.reduce((sum, count, i) => sum + (count - 4000 * wanted[i]!) ** 2 / (4000 * wanted[i]!), 0);
    expect(chi).toBeLessThan(999 + 5 * Math.sqrt(2 * 999));
  });

  it("is refused for settings that are none", () => {
    expect(() => samplingOf({ temperature: -1 })).toThrow("Expected a number of at least 0 for temperature");
    expect(() => samplingOf({ temperature: 0, topK: 2 })).toThrow("a number above 0 beside topK or topP");
    expect(() => samplingOf({ topP: 1.5 })).toThrow("Expected a number above 0 and at most 1 for topP");
    expect(() => samplingOf({ repetitionPenalty: 0 })).toThrow("Expected a number above 0 for repetitionPenalty");
  });
});
