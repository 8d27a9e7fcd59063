import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { loadModel } from "../../src/model/load.js";
import type { Model } from "../../src/model/model.js";
import { selectSites } from "../../src/model/sites.js";
import { openTestDevice } from "../devices.js";
import { copyModel, editConfig } from "../fixtures/model-copy.js";
import { fixturePath } from "../fixtures/model-fixture.js";
import { temporaryFolder } from "../temporary-folder.js";

const folder = temporaryFolder();
const opened = openTestDevice("native");
afterAll(async () => (await opened)[Symbol.asyncDispose]());

const load = async (path: string) => loadModel(path, { device: await opened });
const text = Uint32Array.of(9, 4, 2, 3);

async function residual(model: Model, types?: Uint32Array): Promise<Float32Array> {
  const sites = selectSites(model.sites, "layers.0.residual");
  using forward = model.forward({ sequences: [text], ...(types && { types }), capture: { sites } });
  return await forward.captured!.values();
}

describe("XLNet", () => {
  it("gives <cls> the type that its tokenizer gives it, and a text without one the same type throughout", async () => {
    const path = copyModel("xlnet-sequences", folder);
    const words = Object.fromEntries(Array.from({ length: 37 }, (_, id) => [id === 3 ? "<cls>" : `w${id}`, id]));
    const tokenizer = { version: "1.0", added_tokens: [], model: { type: "WordLevel", vocab: words, unk_token: "w0" } };
    writeFileSync(join(path, "tokenizer.json"), JSON.stringify(tokenizer));
    editConfig(path, (config) => {
      delete config.tokenizer;
    });
    await using model = await load(path);
    expect(await residual(model)).toEqual(await residual(model, Uint32Array.of(0, 0, 0, 2)));
    await using plain = await load(fixturePath("xlnet-sequences"));
    expect(await residual(plain)).toEqual(await residual(plain, Uint32Array.of(1, 1, 1, 1)));
    expect(await residual(plain)).not.toEqual(await residual(model));
    rmSync(path, { recursive: true });
  });

  it("reads texts of any length", async () => {
    await using model = await load(fixturePath("xlnet"));
    const long = Uint32Array.from({ length: 300 }, (_, i) => i % 37);
    expect(model.maximumTokens).toBe(Number.POSITIVE_INFINITY);
    using forward = model.forward({ sequences: [long, text], capture: { sites: selectSites(model.sites, "logits") } });
    const values = await forward.captured!.values();
    expect(values.length).toBe(304 * 37);
    expect(values.every(Number.isFinite)).toBe(true);
  });

  it.each([
    ["attn_type", "uni", "Expected one of bi"],
    ["bi_data", true, "Expected false for bi_data but received true"],
    ["n_head", 3, "Expected a divisor of the width 8 for n_head but received 3"],
    ["summary_type", "attn", "Expected one of last, first, cls_index"],
    ["summary_use_proj", false, "Expected true for summary_use_proj but received false"],
  ])("is refused where %s is %j", async (key, value, message) => {
    const path = copyModel("xlnet-sequences", folder);
    editConfig(path, (config) => {
      config[key] = value;
    });
    await expect(load(path)).rejects.toThrow(message);
  });
});
