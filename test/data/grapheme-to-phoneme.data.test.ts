import { readFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { openDevice } from "../../src/device/select.js";
import { generate } from "../../src/model/generate.js";
import { loadModel } from "../../src/model/load.js";
import { data } from "./folder.js";

const opened = openDevice("native");
afterAll(async () => (await opened)[Symbol.asyncDispose]());

describe.each([
  ["bart-g2p-us", 0.667],
  ["bart-g2p-gb", 0.68],
])("%s", (name, share) => {
  it(`writes ${share} or a little more of its dictionary's words exactly right, every twentieth of them`, async () => {
    await using model = await loadModel(`${data}models/${name}`, { device: await opened });
    const dictionary: Record<string, string> = JSON.parse(readFileSync(`${model.path}/dictionary.json`, "utf8"));
    const words = Object.entries(dictionary).filter((_, i) => i % 20 === 0);
    let right = 0;
    for (let first = 0; first < words.length; first += 250) {
      const some = words.slice(first, first + 250);
      const written = await generate(model, some.map(([word]) => word)); // biome-ignore format: one line
      right += some.filter(([, sounds], i) => written[i]!.text === sounds).length;
    }
    expect(words.length).toBe(1000);
    expect(right / words.length).toBeGreaterThan(share - 0.01);
    expect(right / words.length).toBeLessThan(share + 0.05);
  });
});
