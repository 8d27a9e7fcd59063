import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { FileError } from "../../src/core/errors.js";
import type { Explanation } from "../../src/methods/corpus/explanation.js";
import { rankScores } from "../../src/methods/order.js";
import type { Grouping, Ranking } from "../../src/methods/result.js";
import { readResult, writeResult } from "../../src/methods/result-file.js";
import { explanationExample } from "../reports/neuron-examples.js";
import { temporaryFolder } from "../temporary-folder.js";

const folder = temporaryFolder();
const provenance = { version: "0.1.0", device: "native", seed: 0, model: null, corpus: "ab", activations: null };
const sites = [{ name: "layers.0.residual", width: 3, offset: 0 }];
const ranking: Ranking & { readonly signs: Int8Array } = {
  kind: "ranking",
  method: "average-precision",
  concept: { key: "upos", value: null },
  sites,
  ...rankScores(Float64Array.of(0.1, 0.7, 1 / 3)),
  signs: Int8Array.of(1, -1, 1),
  values: { NOUN: rankScores(Float64Array.of(0.1, 0.7, 0.2)), "a b": rankScores(Float64Array.of(0, 0, 1 / 3)) },
  best: ["NOUN", "NOUN", "a b"],
  options: { direction: "both" },
  provenance,
};

async function pathOf(name: string, content?: string): Promise<string> {
  const path = join(folder, name);
  if (content !== undefined) await writeFile(path, content);
  return path;
}

function compareBytes(a: Float64Array | Uint32Array, b: Float64Array | Uint32Array): number {
  return Buffer.compare(new Uint8Array(a.buffer), new Uint8Array(b.buffer));
}

describe("a result file", () => {
  test("gives back what was written, typed arrays and all digits", async () => {
    const path = await pathOf("r.json");
    await writeResult(path, ranking);
    expect(await readResult(path)).toEqual(ranking);
  });

  test("gives back intervals, and what is of the others, as typed arrays too", async () => {
    const path = await pathOf("damage.json");
    const [low, high] = [Float64Array.of(-0.5, 0, 0.1), Float64Array.of(0.2, 1 / 3, 2)];
    const intervals = { level: 0.95, resamples: 1000, sentences: 7, low, high };
    const others = { baseline: 2.5, damage: Float64Array.of(1, 2, 1 / 7), intervals };
    const damage = { ...ranking, intervals, others };
    await writeResult(path, damage);
    expect(await readResult(path)).toEqual(damage);
  });

  test("puts the neurons of a large explanation into a Parquet file beside it, and reads them back", async () => {
    const path = await pathOf("many.json");
    const { neurons, ...rest } = explanationExample();
    const exact = { beam: "form=a", beamScore: 0.1, gap: 0.6, counted: 9 };
    const many = Array.from({ length: 30_001 }, (_, column) => {
      return { ...neurons[column % 2]!, column, ...(column % 3 === 0 && { exact }) };
    });
    await writeResult(path, { ...rest, neurons: many } as Explanation);
    expect(JSON.parse(await readFile(path, "utf8")).neurons).toEqual({ file: "many.parquet" });
    expect(await readResult(path)).toEqual({ ...rest, neurons: many });
  });

  test("is plain JSON with one field a line", async () => {
    const path = await pathOf("r.json");
    await writeResult(path, ranking);
    const text = await readFile(path, "utf8");
    expect(JSON.parse(text).scores).toEqual([0.1, 0.7, 1 / 3]);
    expect(text).toContain('\n  "order": [1,2,0],\n');
  });

  test("keeps a ranking's values in a Parquet file above a million numbers", async () => {
    const path = await pathOf("large.json");
    const scores = Float64Array.from({ length: 300_000 }, (_, column) => Math.sin(column));
    const values = {
      x: rankScores(scores),
      y: { ...rankScores(scores.toReversed()), signs: new Int8Array(300_000).fill(-1) },
    };
    const large: Ranking = {
      ...ranking,
      ...rankScores(scores),
      sites: [{ name: "s", width: 300_000, offset: 0 }],
      values: { ...values, x: { ...values.x, signs: new Int8Array(300_000) } as typeof values.y },
    };
    await writeResult(path, large);
    expect(JSON.parse(await readFile(path, "utf8")).values).toEqual({ file: "large.parquet" });
    const read = await readResult(path);
    for (const name of ["x", "y"] as const) {
      const got = (read as Ranking).values?.[name] as typeof values.y;
      expect(compareBytes(got.scores, values[name].scores)).toBe(0);
      expect(compareBytes(got.order, values[name].order)).toBe(0);
      expect(got.signs.every((sign) => sign === (name === "x" ? 0 : -1))).toBe(true);
    }
  });

  test("writes a grouping of more than one piece", async () => {
    const path = await pathOf("g.json");
    const labels = Int32Array.from({ length: 20_000 }, (_, column) => column);
    const groups = Array.from(labels, (label) => ({ label, members: [label], representative: label }));
    const grouping: Grouping = {
      kind: "grouping",
      method: "m",
      sites: [{ name: "s", width: 20_000, offset: 0 }],
      labels,
      groups,
      options: {},
      provenance,
    };
    await writeResult(path, grouping);
    expect(await readResult(path)).toEqual(grouping);
  });

  test("refuses to write NaN and leaves nothing behind", async () => {
    const path = await pathOf("nan.json");
    const wrong = { ...ranking, scores: Float64Array.of(0, Number.NaN, 1) };
    await expect(writeResult(path, wrong)).rejects.toThrow(
      "Expected a finite number for result.scores[1] but received NaN",
    );
    await expect(readFile(path)).rejects.toThrow("ENOENT");
    await expect(readFile(`${path}.partial`)).rejects.toThrow("ENOENT");
  });

  test("leaves nothing behind when it is aborted", async () => {
    const path = await pathOf("aborted.json");
    await expect(writeResult(path, ranking, AbortSignal.abort(new Error("stop")))).rejects.toThrow();
    await expect(readFile(`${path}.partial`)).rejects.toThrow("ENOENT");
  });

  test.each([
    ["{", "is not JSON"],
    ["[]", "is not a result of this program: expected a JSON object"],
    [
      '{"kind": "rankin"}',
      'is not a result of this program: expected kind to be one of ranking, grouping, similarity, explanation, evaluation, contexts, alignment, maximization (did you mean "ranking"?)',
    ],
    ['{"kind": "ranking"}', "is not a whole ranking: method is missing"],
  ])("refuses %s", async (content, message) => {
    const path = await pathOf("wrong.json", content);
    await expect(readResult(path)).rejects.toThrow(new FileError(path, message));
  });

  test.each([
    [{ order: [0, 0, 1] }, "is not a whole ranking: order does not name every column once"],
    [{ scores: [1, 2] }, "is not a whole ranking: its sites have 3 columns but scores has 2"],
    [{ scores: [1, "2", 3] }, "scores[1] is not a number"],
    [{ provenance: null }, "is not a whole ranking: provenance is missing"],
  ])("refuses a ranking with %j", async (change, message) => {
    const path = await pathOf("changed.json");
    await writeResult(path, ranking);
    await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, "utf8")), ...change }));
    await expect(readResult(path)).rejects.toThrow(new FileError(path, message));
  });
});
