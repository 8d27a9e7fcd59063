import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterAll, expect, it } from "vitest";
import { openDevice } from "../../src/device/select.js";
import { generate } from "../../src/model/generate.js";
import { loadModel } from "../../src/model/load.js";
import g2pReference from "../fixtures/models/g2p-reference.json" with { type: "json" };
import { data } from "./folder.js";

const opened = openDevice("native");
afterAll(async () => (await opened)[Symbol.asyncDispose]());

it.each(Object.entries(g2pReference))(
  "%s writes every twentieth word of its dictionary as transformers does, sound for sound",
  async (name, reference) => {
    await using model = await loadModel(`${data}models/${name}`, { device: await opened });
    const dictionary: Record<string, string> = JSON.parse(readFileSync(`${model.path}/dictionary.json`, "utf8"));
    const words = Object.keys(dictionary).filter((_, i) => i % 20 === 0);
    const written: string[] = [];
    for (let first = 0; first < words.length; first += 250) {
      const some = await generate(model, words.slice(first, first + 250));
      written.push(...some.map(({ text }) => text));
    }
    expect(written.filter((sounds, i) => sounds === dictionary[words[i]!]).length).toBe(reference.right);
    expect(createHash("sha256").update(written.join("\n")).digest("hex")).toBe(reference.sha256);
  },
);
