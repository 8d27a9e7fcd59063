import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openNeuroxJson, writeNeuroxJson } from "../../src/activations/neurox-json.js";
import { random } from "../../src/core/random.js";
import { temporaryFolder } from "../temporary-folder.js";
import { collect, counting } from "./collect.js";
import { sourceOf } from "./in-memory.js";
import { tableOf } from "./table.js";

const folder = temporaryFolder();
const sites = [
  { name: "layers.3.residual", width: 2, offset: 0 },
  { name: "layers.5.residual", width: 2, offset: 2 },
];

/** Two sentences as NeuroX writes them: two layers of width 2. */
const twoSentences = [
  '{"linex_index": 0, "features": [{"token": "un\\u00e9", "layers": [{"index": 0, "values": [0.5, 1]}, {"index": 1, "values": [2, 3]}]}]}',
  '{"linex_index": 1, "features": [{"token": "a", "layers": [{"index": 0, "values": [4, 5]}, {"index": 1, "values": [6, 7]}]}, {"token": "b", "layers": [{"index": 0, "values": [8, 9]}, {"index": 1, "values": [-1e-8, 11]}]}]}',
].join("\n");

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe("a NeuroX JSON file", () => {
  it("is read as rows of tokens with their sentences, one site a layer", async () => {
    const source = await openNeuroxJson(write("two.json", `${twoSentences}\n`));
    expect(source.sites).toEqual([
      { name: "layers.0.residual", width: 2, offset: 0 },
      { name: "layers.1.residual", width: 2, offset: 2 },
    ]);
    expect(source.table).toMatchObject({ kind: "word", rows: 3, text: ["uné", "a", "b"], keys: ["form"] });
    expect([...(source.table?.sentence ?? [])]).toEqual([0, 1, 1]);
    expect([...(source.table?.position ?? [])]).toEqual([0, 0, 1]);
    expect(source.table?.column("form")).toEqual(["uné", "a", "b"]);
    const values = [0.5, 1, 2, 3, 4, 5, 6, 7, 8, 9, Math.fround(-1e-8), 11];
    for (const blockRows of [1, 2, 3]) expect(await collect(source, { blockRows })).toEqual(values);
    expect(await collect(source, { firstRow: 2 })).toEqual(values.slice(8));
  });

  it("is read without a line end, and with lines longer than a piece of the file", async () => {
    const long = {
      token: "x".repeat(3 * 2 ** 20),
      layers: [
        { index: 0, values: [1, 2] },
        { index: 1, values: [3, 4] },
      ],
    };
    const path = write("long.json", `${JSON.stringify({ features: [long] })}\n\n${twoSentences}`);
    const source = await openNeuroxJson(path);
    expect(source.rows).toBe(4);
    expect((await collect(source)).slice(0, 6)).toEqual([1, 2, 3, 4, 0.5, 1]);
  });

  it("that was written is read back to the last bit, with its layers and words", async () => {
    const uniform = random(1);
    const values = Float32Array.from(
      { length: 7 * 4 },
      () => (uniform() - 0.5) * 10 ** Math.floor(uniform() * 60 - 30),
    );
    const words = ["one", "two", 'th"ree', "vier", "fünf", "six", "seven"];
    const table = tableOf("word", [0, 0, 0, 2, 2, 3, 3], [0, 1, 2, 0, 1, 0, 1], words, {});
    const path = join(folder, "written.json");
    for (const pieceRows of [1, 2, 3, 7]) {
      await writeNeuroxJson(path, sourceOf(values, sites, table, pieceRows));
      const source = await openNeuroxJson(path);
      expect(await collect(source)).toEqual([...values]);
      expect(source.sites).toEqual(sites);
      expect(source.table?.text).toEqual(words);
      expect([...(source.table?.sentence ?? [])]).toEqual([0, 0, 0, 1, 1, 2, 2]);
    }
    expect(JSON.parse(readFileSync(path, "utf8").split("\n")[1]!).linex_index).toBe(1);
  });

  it.each([
    ["nothing.json", "\n\n", "is empty: expected one line of JSON per sentence"],
    ["broken.json", `${twoSentences}\n{"features": [`, "line 3: expected one sentence as JSON but it cannot be parsed"],
    ["other.json", '{"a": 1}', 'line 1: expected a sentence with "features"'],
    ["token.json", '{"features": [{"layers": []}]}', 'line 1: expected features with "token" and "layers" of numbers'],
    [
      "layers.json",
      `${twoSentences}\n{"features": [{"token": "c", "layers": [{"index": 0, "values": [1, 2]}]}]}`,
      'line 3: expected layers 0, 1 of 2 values for token "c" but it has layers 0',
    ],
    [
      "width.json",
      `${twoSentences}\n{"features": [{"token": "c", "layers": [{"index": 0, "values": [1, 2]}, {"index": 1, "values": [1]}]}]}`,
      'line 3: expected layers 0, 1 of 2 values for token "c" but it has 1 values in layer 1',
    ],
  ])("%s is refused", async (name, text, reason) => {
    await expect(openNeuroxJson(write(name, text))).rejects.toThrow(reason);
  });

  it("is not written of other sites, of whole sentences, or without words", async () => {
    const path = join(folder, "refused.json");
    const word = tableOf("word", [0], [0], ["a"], {});
    const mlp = [{ name: "layers.0.mlp.hidden", width: 2, offset: 0 }];
    await expect(writeNeuroxJson(path, sourceOf(counting(1, 2), mlp, word))).rejects.toThrow(
      'Expected only layers.N.residual for a NeuroX file for sites but received "layers.0.mlp.hidden"',
    );
    const residual = [{ name: "layers.0.residual", width: 2, offset: 0 }];
    await expect(writeNeuroxJson(path, sourceOf(counting(1, 2), residual))).rejects.toThrow(
      "Expected rows of words or tokens with their text for activations",
    );
    const sentence = tableOf("sentence", [0], [0], ["a"], {});
    await expect(writeNeuroxJson(path, sourceOf(counting(1, 2), residual, sentence))).rejects.toThrow(
      "whole sentences",
    );
    expect(existsSync(`${path}.partial`)).toBe(false);
  });
});
