import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { loadModel } from "../../src/model/load.js";
import { devices } from "../devices.js";
import { copyModel, editConfig } from "../fixtures/model-copy.js";
import { type Family, fixturePath } from "../fixtures/model-fixture.js";

const folder = mkdtempSync(join(tmpdir(), "recurrent-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A copy of a fixture whose config says something else. */
function changed(fixture: Family, changes: object): string {
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

  it("carries no state on where layers read from the end", async () => {
    await using model = await load(fixturePath("rnn-tagger"));
    expect(() => model.forward({ sequences: [Uint32Array.of(1)], state: "start" })).toThrow(
      "Expected none for a model that reads backwards too for state",
    );
  });
});
