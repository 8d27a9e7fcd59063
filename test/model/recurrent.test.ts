import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { loadModel } from "../../src/model/load.js";
import { selectSites } from "../../src/model/sites.js";
import { devices } from "../devices.js";
import { copyModel, editConfig, editWeights } from "../fixtures/model-copy.js";
import { type Family, fixturePath, largestDifference } from "../fixtures/model-fixture.js";
import type { EncoderDecoder } from "../fixtures/seq2seq-fixture.js";
import { randomFloats } from "../floats.js";

const folder = mkdtempSync(join(tmpdir(), "recurrent-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A copy of a fixture whose config says something else. */
function changed(fixture: Family | EncoderDecoder, changes: object): string {
  const path = copyModel(fixture, folder);
  editConfig(path, (config) => Object.assign(config, changes));
  return path;
}

describe.each(devices)("a recurrent network on %s", (_, open) => {
  const opened = open();
  afterAll(async () => (await opened)[Symbol.asyncDispose]());
  const load = async (path: string) => loadModel(path, { device: await opened });

  it("names the directions of its layers, and its tags", async () => {
    await using model = await load(fixturePath("rnn-tagger"));
    expect(model.sites.slice(0, 4)).toEqual([
      { name: "embed", width: 6 },
      { name: "layers.0.forward.hidden", width: 7 },
      { name: "layers.0.forward.cell", width: 7 },
      { name: "layers.0.forward.gate.input", width: 7 },
    ]);
    expect(model.head).toMatchObject({
      kind: "token-classification",
      labels: ["TAG0", "TAG1", "TAG2", "TAG3", "TAG4"],
    });
  });

  it("refuses what it does not compute, by name", async () => {
    await expect(load(changed("lstm", { proj_size: 3 }))).rejects.toThrow(
      "Expected 0 (hidden states without a projection) for proj_size but received 3",
    );
    await expect(load(changed("gru", { bidirectional: true }))).rejects.toThrow(
      "Expected false for a model that predicts the next token for bidirectional but received true",
    );
    await expect(load(changed("rnn-classifier", { bidirectional: true }))).rejects.toThrow("rnn.weight_ih_l0_reverse");
    const last = { architectures: ["RnnForSequenceClassification"] };
    await expect(load(changed("rnn-tagger", last))).rejects.toThrow("false for a classifier of the last state");
    await expect(load(changed("rnn-tagger", { cell: "rnn" }))).rejects.toThrow("one of lstm, gru");
    await expect(load(changed("mlstm", { num_layers: 2 }))).rejects.toThrow("Expected 1 for num_layers but received 2");
    await expect(load(changed("mlstm", { hidden_size: 9 }))).rejects.toThrow(/rnn\.(b|wx) of shape \[.*36\]/);
  });

  it("has as many neurons in both directions of an encoder together as in its decoder", async () => {
    await using model = await load(fixturePath("rnn-seq2seq-bidirectional"));
    const width = (site: string) => model.sites.find(({ name }) => name === site)?.width;
    expect(width("encoder.layers.1.backward.cell")).toBe(4);
    expect(width("decoder.layers.1.cell")).toBe(8);
    const odd = changed("rnn-seq2seq-bidirectional", { hidden_size: 7 });
    await expect(load(odd)).rejects.toThrow(
      "an even number for an encoder that reads in both directions for hidden_size",
    );
    const bridged = changed("rnn-seq2seq", { bridge: true });
    await expect(load(bridged)).rejects.toThrow("Expected a tensor encoder.bridge.0.weight of shape [14, 14]");
  });

  it("attends with states that are wider than a GPU has room for at once", async () => {
    const path = changed("rnn-seq2seq-gru", { hidden_size: 300, num_layers: 1 });
    await editWeights(path, (tensors) => {
      for (const [name, { shape }] of tensors) {
        const wider = shape.map((size) => (size % 7 === 0 ? (size / 7) * 300 : size));
        const count = wider.reduce((product, size) => product * size, 1);
        tensors.set(name, { shape: wider, values: randomFloats(count, name.length).map((value) => value / 12) });
      }
    });
    await using model = await load(path);
    const [sequences, sources] = [[Uint32Array.of(1, 5), Uint32Array.of(1)], [Uint32Array.of(3, 4, 6), Uint32Array.of(9, 2)]]; // biome-ignore format: one line
    const read = async (site: string) => {
      using forward = model.forward({ sequences, sources, capture: { sites: selectSites(model.sites, site) } });
      const values = await forward.captured!.values();
      return (row: number) => values.subarray(row * 300, (row + 1) * 300);
    };
    const [memory, hidden] = [await read("encoder.layers.0.hidden"), await read("decoder.layers.0.hidden")];
    const heads = await read("decoder.layers.0.cross.heads");
    for (const [row, source] of [
      [0, 1, 2],
      [0, 1, 2],
      [3, 4],
    ].entries()) {
      const scores = source.map((k) => Math.exp(memory(k).reduce((sum, value, c) => sum + value * hidden(row)[c]!, 0)));
      const total = scores.reduce((sum, score) => sum + score, 0);
      const mixed = heads(row).map((_, c) =>
        source.reduce((sum, k, i) => sum + (scores[i]! / total) * memory(k)[c]!, 0),
      );
      expect(largestDifference(heads(row), mixed)).toBeLessThan(1e-5);
    }
  });

  it("carries no state on where layers read from the end", async () => {
    await using model = await load(fixturePath("rnn-tagger"));
    expect(() => model.forward({ sequences: [Uint32Array.of(1)], state: "start" })).toThrow(
      "Expected none for a model that reads backwards too for state",
    );
  });
});
