import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { writeStore } from "../../src/activations/store-writer.js";
import { counting } from "../activations/collect.js";
import { sourceOf } from "../activations/in-memory.js";
import { temporaryFolder } from "../temporary-folder.js";
import { neurometry } from "./command-line.js";

const folder = temporaryFolder();
const store = join(folder, "acts");
const sites = [
  { name: "layers.0.residual", width: 2, offset: 0 },
  { name: "layers.1.residual", width: 3, offset: 2 },
];

describe("the activations of a command", () => {
  test("may be some sites of a store", async () => {
    await writeStore(sourceOf(counting(4, 5), sites), store);
    const out = join(folder, "some.npy");
    const words = ["export", "--activations", store, "--sites", "layers.1.*", "--out", out];
    expect(await neurometry(words)).toMatchObject({ code: 0 });
    const numbers = new Float32Array(new Uint8Array(readFileSync(out).subarray(128)).buffer);
    expect([...numbers]).toEqual([1, 1.5, 2, 3.5, 4, 4.5, 6, 6.5, 7, 8.5, 9, 9.5]);
    const { code, stderr } = await neurometry([...words, "--sites", "layers.7.residual"].toSpliced(3, 2));
    expect(code).toBe(2);
    expect(stderr).toContain('Expected a site of the model: layers.0-1.residual (did you mean "layers.0.residual"');
  });

  test("are not told how to pool what is pooled", async () => {
    const { code, stderr } = await neurometry([
      "export",
      "--activations",
      store,
      "--pool",
      "mean",
      "--out",
      join(folder, "x.npy"),
    ]);
    expect(code).toBe(2);
    expect(stderr.trim()).toMatch(/Expected nothing beside --activations for --pool but received "mean"$/);
  });
});
