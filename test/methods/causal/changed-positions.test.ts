import { afterAll, describe, expect, it } from "vitest";
import type { Device } from "../../../src/device/device.js";
import type { PositionsName } from "../../../src/methods/causal/ablated-rows.js";
import { ablatedPositions } from "../../../src/methods/causal/ablated-rows.js";
import { findChangedPositions, lookingBytes, sitesByPass } from "../../../src/methods/causal/changed-positions.js";
import { type Ablation, measureAblations } from "../../../src/methods/causal/measure.js";
import { mean } from "../../../src/methods/causal/metric.js";
import type { Passage } from "../../../src/methods/causal/passages.js";
import { loadModel } from "../../../src/model/load.js";
import { type Model, NO_TARGET } from "../../../src/model/model.js";
import { selectSites } from "../../../src/model/sites.js";
import { devices } from "../../devices.js";
import { copyModel, editWeights } from "../../fixtures/model-copy.js";
import { fixturePath } from "../../fixtures/model-fixture.js";
import { temporaryFolder } from "../../temporary-folder.js";
import { plain } from "./plain-loop.js";

const site = "layers.0.mlp.hidden";
/** Neuron 3 is always 0, and neuron 4 but where the token is 9. */
const [silent, picky, token] = [3, 4, 9];

/** OPT's fixture with these two neurons. */
async function plant(): Promise<string> {
  const path = copyModel("opt", temporaryFolder());
  await editWeights(path, (tensors) => {
    const at = "model.decoder.layers.0";
    const of = (name: string) => tensors.get(name)!.values;
    const wave = (column: number) => (column % 2 === 0 ? 1 : -1);
    of(`${at}.final_layer_norm.weight`).fill(1);
    of(`${at}.final_layer_norm.bias`).fill(0);
    of(`${at}.fc1.bias`).set([-1000, -6], silent);
    for (let column = 0; column < 8; column++) {
      of("model.decoder.embed_tokens.weight")[token * 8 + column] = 50 * wave(column);
      of(`${at}.fc1.weight`)[picky * 8 + column] = wave(column);
    }
  });
  return path;
}

function passage(sentence: number, ...ids: number[]): Passage {
  const targets = Uint32Array.from(ids, (_, t) => ids[t + 1] ?? NO_TARGET);
  const special = Uint8Array.from(ids, (_, t) => Number(t === 0));
  return { sentence, ids: Uint32Array.from(ids), targets, special, words: new Int32Array(ids.length) };
}

const passages = [passage(0, 2, 5, 6, 7, 8, token, 5, 6), passage(1, 2, 6, 7, 8, 5)];
const batch = { passages, tokens: 13 };
const set = (column: number, value: number): Ablation => ({
  parts: [{ site, columns: [column], operation: "set", value }],
});

describe.each(devices)("positions that change on %s", (_, open) => {
  const opened: Promise<Device> = open();
  const planted = plant();
  afterAll(async () => (await opened)[Symbol.asyncDispose]());
  const load = async (path: string | Promise<string>): Promise<Model> =>
    loadModel(await path, { device: await opened });

  it("are those at which a neuron behind a ReLU is not yet what it becomes", async () => {
    await using model = await load(planted);
    const found = await findChangedPositions(model, batch, [set(silent, 0), set(picky, 0), set(picky, 1)], {
      positions: "all",
      batchTokens: 64,
    });
    const rows = Array.from({ length: 3 }, (_, i) => found!.changed.subarray(13 * i, 13 * (i + 1)).join(""));
    expect(rows).toEqual(["0000000000000", "0000010000000", "1111111111111"]);
    expect(found!.operations).toBeGreaterThan(0);
  });

  it.each(["all", "content", "last"] as PositionsName[])(
    "are found as one would by looking at each, of %s positions",
    async (positions) => {
      await using model = await load(fixturePath("opt"));
      const sites = selectSites(model.sites, "layers.*.mlp.hidden");
      const ablations = sites.flatMap(({ name, width }, i) =>
        Array.from({ length: width }, (_, column): Ablation => {
          const parts = [
            { site: name, columns: [column], operation: i === 0 ? "set" : "scale", value: i - 1 },
          ] as const;
          return { parts: column % 3 === 0 ? [...parts, { site, columns: [0, 1], operation: "set", value: Float32Array.of(0, 1) }] : parts }; // biome-ignore format: one line
        }),
      );
      const found = await findChangedPositions(model, batch, ablations, { positions, batchTokens: 5 });
      using read = model.forward({ sequences: passages.map(({ ids }) => ids), capture: { sites } });
      const values = await read.captured!.values();
      const columns = read.captured!.columns;
      const wanted = ablations.flatMap(({ parts }) => {
        const changed = new Array<number>(13).fill(0);
        for (const [p, { ids, special }] of passages.entries()) {
          for (const t of ablatedPositions({ special }, positions) ?? ids.keys()) {
            const row = (p === 0 ? 0 : 8) + t;
            for (const { site, columns: own, operation, value } of parts) {
              const { offset } = sites.find(({ name }) => name === site)!;
              for (const [i, column] of Array.from(own!).entries()) {
                const x = values[row * columns + offset + column]!;
                const v = typeof value === "number" ? value : (value as Float32Array)[i]!;
                if ((operation === "set" ? v : x * v) !== x) changed[row] = 1;
              }
            }
          }
        }
        return changed;
      });
      expect([...found!.changed]).toEqual(wanted);
      expect(wanted).toContain(0);
      expect(wanted).toContain(1);
    },
  );

  it("are found in one pass, whatever the sites, and one for each part of passages that do not go together", async () => {
    await using model = await load(fixturePath("opt"));
    const sites = selectSites(model.sites, "layers.*.mlp.hidden");
    const ablations = sites.map(({ name }): Ablation => ({ parts: [{ site: name, operation: "set", value: 0 }] }));
    expect(ablations.length).toBe(2);
    const look = async (batchTokens: number, some = ablations) => {
      const before = model.device.submits;
      const found = await findChangedPositions(model, batch, some, { positions: "all", batchTokens });
      return { passes: model.device.submits - before, ...found! };
    };
    const [both, apart, alone] = [await look(64), await look(5), await look(64, ablations.slice(0, 1))];
    expect([both.passes, apart.passes, alone.passes]).toEqual([1, 2, 1]);
    expect([apart.operations, alone.operations]).toEqual([both.operations, both.operations]);
    expect(apart.changed).toEqual(both.changed);
    expect(both.changed.subarray(0, 13)).toEqual(alone.changed);
  });

  it("are not looked for where no value is likely to stay", async () => {
    const options = { positions: "all", batchTokens: 64 } as const;
    await using gelu = await load(fixturePath("gpt2"));
    expect(await findChangedPositions(gelu, batch, [set(0, 0)], options)).toBeNull();
    await using relu = await load(fixturePath("opt"));
    const heads: Ablation = { parts: [{ site: "layers.0.attention.heads", operation: "set", value: 0 }] };
    const more: Ablation = { parts: [{ site, columns: [1], operation: "add", value: 1 }] };
    expect(await findChangedPositions(relu, batch, [heads, more], options)).toBeNull();
    const some = await findChangedPositions(relu, batch, [heads, set(1, 0)], options);
    expect(some!.changed.subarray(0, 13).join("")).toBe("1".repeat(13));
  });

  it("are all that a sweep computes: a neuron that never fires costs nothing, and its score is the untouched model's", async () => {
    await using model = await load(planted);
    const options = { metric: "loss", positions: "all", batchTokens: 400 } as const;
    const sweep = (column: number, value: number) => {
      return measureAblations(
        model,
        passages,
        Array.from({ length: 16 }, () => set(column, value)),
        options,
      );
    };
    const [never, once, always] = [await sweep(silent, 0), await sweep(picky, 0), await sweep(picky, 1e-30)];
    const widthOf = (name: string) => model.sites.find((site) => site.name === name)!.width!;
    const [width, hidden] = [widthOf("embed"), widthOf(site)];
    const looking = 13 * model.layers * (8 * width * width + 4 * width * hidden);
    expect(never.operations.sweep).toBe(looking);
    expect(never.ablated.map(mean)).toEqual(new Array(16).fill(mean(never.baseline)));
    expect(once.operations.sweep).toBeLessThan(0.6 * always.operations.sweep);
    const wanted = await plain(model, passages, set(picky, 0), "loss");
    expect(wanted).not.toBe(mean(once.baseline));
    for (const { ablated } of [once, always])
      for (const tally of ablated) expect(Math.abs(mean(tally) - wanted)).toBeLessThan(1e-5 * wanted);
  });
});

describe("sites that are looked at together", () => {
  const wide = (name: string, width: number) => ({ name, width, offset: 7 });

  it("stand side by side as far as 32 MiB of values hold them, those of sources apart", () => {
    const [a, b, c] = [wide("a", 2 ** 12), wide("b", 2 ** 12), wide("encoder.c", 1)];
    const together = [{ ...a, offset: 0 }, { ...b, offset: 2 ** 12 }]; // biome-ignore format: one line
    expect(sitesByPass([a, b, c], 2 ** 10)).toEqual([together, [{ ...c, offset: 0 }]]);
    expect(sitesByPass([a, b], 2 ** 10 + 1)).toEqual([[{ ...a, offset: 0 }], [{ ...b, offset: 0 }]]);
    expect(sitesByPass([a], 2 ** 20)).toEqual([[{ ...a, offset: 0 }]]);
    expect(sitesByPass([], 5)).toEqual([]);
  });

  it("take twice the values of a pass, and a mark for every ablation", () => {
    const sites = [wide("a", 100), wide("b", 50), wide("encoder.c", 120)];
    expect(lookingBytes(sites, 10, 3)).toBe(2 * 10 * (4 * 150 + 3));
    expect(lookingBytes([], 10, 3)).toBe(0);
  });
});
