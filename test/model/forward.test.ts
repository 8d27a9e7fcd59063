import { afterAll, describe, expect, it } from "vitest";
import type { Device } from "../../src/device/device.js";
import { loadModel } from "../../src/model/load.js";
import { type Model, NO_TARGET } from "../../src/model/model.js";
import { selectSites } from "../../src/model/sites.js";
import { devices } from "../devices.js";
import { type Family, fixturePath, largestDifference, readExpected } from "../fixtures/model-fixture.js";
import { nextTokenTargets } from "../next-token-targets.js";

const ids = (...values: number[]) => Uint32Array.from(values);
const short = [ids(3, 1, 4), ids(1, 5, 9, 2, 6), ids(5)];

/** −ln p of each target under the softmax of its row of logits, in float64. */
function slowLosses(logits: Float32Array, targets: Uint32Array): Float32Array {
  const width = logits.length / targets.length;
  return Float32Array.from(targets, (target, token) => {
    if (target === NO_TARGET) return 0;
    const row = logits.subarray(token * width, (token + 1) * width);
    return Math.log(row.reduce((sum, x) => sum + Math.exp(x), 0)) - row[target]!;
  });
}

describe.each(devices)("on %s", (_, open) => {
  const opened: Promise<Device> = open();
  const models = new Map<Family, Promise<Model>>();
  const load = (family: Family) => {
    const loaded = models.get(family) ?? opened.then((device) => loadModel(fixturePath(family), { device }));
    models.set(family, loaded);
    return loaded;
  };
  afterAll(async () => {
    for (const model of models.values()) await (await model)[Symbol.asyncDispose]();
    await (await opened)[Symbol.asyncDispose]();
  });

  async function capture(model: Model, sequences: readonly Uint32Array[], selector: string): Promise<Float32Array> {
    using forward = model.forward({ sequences, capture: { sites: selectSites(model.sites, selector) } });
    return await forward.captured!.values();
  }

  describe.each(["bert", "llama", "gpt2", "lstm", "gru"] as const)("%s", (family) => {
    it("gives a sequence the same whatever stands beside it in the batch", async () => {
      const model = await load(family);
      const together = await capture(model, short, "*");
      const columns = together.length / 9;
      let token = 0;
      for (const sequence of short) {
        const alone = await capture(model, [sequence], "*");
        const beside = together.subarray(token * columns, (token + sequence.length) * columns);
        expect(largestDifference(alone, beside)).toBeLessThan(1e-5); // sums may be cut elsewhere
        token += sequence.length;
      }
    });

    it("gives the same again when plans are reused for smaller and larger batches", async () => {
      const model = await load(family);
      const before = await capture(model, short, "embed,logits");
      await capture(model, Array(20).fill(short).flat(), "embed,logits");
      expect(await capture(model, short, "embed,logits")).toEqual(before);
    });

    it("gives losses and likeliest tokens as its logits say, and 0 for tokens without a target", async () => {
      const model = await load(family);
      const logits = await capture(model, short, "logits");
      const targets = nextTokenTargets(short);
      using forward = model.forward({ sequences: short, targets });
      const losses = await forward.losses();
      expect(largestDifference(losses, slowLosses(logits, targets))).toBeLessThan(1e-5);
      expect([losses[2], losses[7], losses[8]]).toEqual([0, 0, 0]);
      const best = await forward.predictions();
      targets.forEach((target, token) => {
        const row = logits.subarray(token * model.vocabulary, (token + 1) * model.vocabulary);
        expect(best[token]).toBe(target === NO_TARGET ? 0 : row.indexOf(Math.max(...row)));
      });
    });

    it("lets each sequence of a batch carry its own interventions, and compares them in one submit", async () => {
      const model = await load(family);
      const site = family === "lstm" || family === "gru" ? "layers.0.hidden" : "layers.0.mlp.hidden";
      const text = short[1]!;
      const sequences = [text, text, text, text];
      const interventions = [
        { site, sequence: 1, columns: [2], operation: "set", value: 0 },
        { site, sequence: 3, columns: [0, 4, 2], operation: "set", value: 1.5 },
      ] as const;
      const targets = nextTokenTargets(sequences);
      const before = model.device.submits;
      using forward = model.forward({ sequences, interventions, targets, compareWith: ids(0, 0, 0, 0) });
      const [divergences, distances, losses] = [
        await forward.divergences(),
        await forward.distances(),
        await forward.losses(),
      ];
      expect(model.device.submits - before).toBe(1);
      const of = (values: Float32Array, s: number) => values.subarray(s * 5, (s + 1) * 5);
      expect([...of(divergences, 0), ...of(divergences, 2), ...of(distances, 2)]).toEqual(Array(15).fill(0));
      expect(of(losses, 2)).toEqual(of(losses, 0));
      for (const s of [1, 3]) {
        expect(Math.max(...of(divergences, s))).toBeGreaterThan(1e-7);
        expect(Math.max(...of(distances, s))).toBeGreaterThan(1e-4);
      }
      using alone = model.forward({
        sequences: [text],
        interventions: [{ ...interventions[1], sequence: 0 }],
        targets: nextTokenTargets([text]),
      });
      expect(largestDifference(await alone.losses(), of(losses, 3).slice())).toBeLessThan(1e-5);
    });
  });

  it("pools tokens into rows, at a place of a matrix that the caller has", async () => {
    const model = await load("bert");
    const sites = selectSites(model.sites, "layers.*.residual");
    const all = await capture(model, short, "layers.*.residual");
    const rows = { starts: ids(0, 3, 8), ends: ids(3, 5, 9), pool: "mean" } as const;
    const columns = 32;
    using buffer = model.device.upload(new Float32Array(5 * columns).fill(7));
    using forward = model.forward({ sequences: short, capture: { sites, rows, into: { buffer, row: 1 } } });
    const values = await forward.captured!.values();
    const slow = Float32Array.from({ length: 3 * columns }, (_, i) => {
      const [row, column] = [Math.floor(i / columns), i % columns];
      const tokens = Array.from({ length: rows.ends[row]! - rows.starts[row]! }, (_, k) => rows.starts[row]! + k);
      return tokens.reduce((sum, token) => sum + all[token * columns + column]!, 0) / tokens.length;
    });
    expect(largestDifference(values, slow)).toBeLessThan(1e-6);
    const whole = await model.device.download(buffer, new Float32Array(5 * columns));
    expect([whole[0], whole[columns - 1], whole[4 * columns]]).toEqual([7, 7, 7]);
  });

  it("pools a recurrent model's tokens by their place in the text", async () => {
    const model = await load("lstm");
    const all = await capture(model, short, "layers.1.cell");
    const sites = selectSites(model.sites, "layers.1.cell");
    const rows = { starts: ids(3, 0), ends: ids(8, 3), pool: "last" } as const;
    using forward = model.forward({ sequences: short, capture: { sites, rows } });
    const width = sites[0]!.width;
    const wanted = Float32Array.of(...all.subarray(7 * width, 8 * width), ...all.subarray(2 * width, 3 * width));
    expect(await forward.captured!.values()).toEqual(wanted);
  });

  it.each(["lstm", "gru"] as const)("carries the state of a recurrent model on (%s)", async (family) => {
    const model = await load(family);
    const sites = selectSites(model.sites, "layers.*.hidden");
    const whole = await capture(model, [short[1]!, ids(3, 3, 3)], "layers.*.hidden");
    using first = model.forward({ sequences: [ids(1, 5), ids(3)], state: "start" });
    using state = first.state!;
    using second = model.forward({ sequences: [ids(9, 2, 6), ids(3, 3)], state, capture: { sites } });
    using kept = second.state!;
    expect(kept.sequences).toBe(2);
    const columns = second.captured!.columns;
    const wanted = Float32Array.of(...whole.subarray(2 * columns, 5 * columns), ...whole.subarray(6 * columns));
    expect(largestDifference(await second.captured!.values(), wanted)).toBeLessThan(1e-5);
  });

  it.each(["bert", "llama"] as const)("changes attention scores head by head (%s)", async (family) => {
    const model = await load(family);
    const sites = selectSites(model.sites, "layers.1.attention.heads");
    const [scores, heads] = ["layers.1.attention.scores", sites[0]!.name];
    const before = await capture(model, short, heads);
    using kept = model.forward({ sequences: short, scores: [scores] });
    const own = (await kept.scores(scores))[1]!; // 4 heads × 5 queries × 5 keys
    const query = [...Array(4).keys()].flatMap((head) => [...own.subarray(head * 25 + 10, head * 25 + 15)]);
    const interventions = [
      { site: scores, sequence: 0, columns: [3, 4, 5], operation: "set", value: 0 }, // all 3 keys of head 1
      { site: scores, sequence: 1, positions: [2], operation: "set", value: Float32Array.from(query) }, // as they are
    ] as const;
    using forward = model.forward({ sequences: short, interventions, capture: { sites } });
    const after = await forward.captured!.values();
    const wanted = before.map((value, i) => (i < 3 * 16 && Math.floor((i % 16) / 4) === 1 ? 0 : value));
    expect(largestDifference(after, wanted)).toBeLessThan(1e-5);
  });

  it("changes nothing where an intervention sets what is there anyway, at every site", async () => {
    for (const family of ["llama", "gru"] as const) {
      const model = await load(family);
      const { sequences } = await readExpected(family);
      const text = [sequences[0]!];
      const logits = await capture(model, text, "logits");
      for (const { name, width } of selectSites(model.sites, "*")) {
        const values = await capture(model, text, name);
        const interventions = [...text[0]!.keys()].map((position) => {
          const value = values.slice(position * width, (position + 1) * width);
          return { site: name, positions: [position], operation: "set", value } as const;
        });
        using forward = model.forward({
          sequences: text,
          interventions,
          capture: { sites: selectSites(model.sites, "logits") },
        });
        expect(largestDifference(await forward.captured!.values(), logits), name).toBeLessThan(1e-5);
      }
    }
  });
});
