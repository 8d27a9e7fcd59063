import { afterAll, describe, expect, it } from "vitest";
import { loadModel } from "../../src/model/load.js";
import { openTestDevice } from "../devices.js";
import { fixturePath } from "../fixtures/model-fixture.js";

const opened = openTestDevice("native");
afterAll(async () => (await opened)[Symbol.asyncDispose]());

const load = async (path: string) => loadModel(path, { device: await opened });

describe("a forward pass is refused", () => {
  const ids = (...values: number[]) => Uint32Array.from(values);
  const text = [ids(1, 2)];
  const capture = (name: string, width: number, offset = 0) => ({ capture: { sites: [{ name, width, offset }] } });
  const set = { operation: "set", value: 0 } as const;

  it("with a sentence that names what is wrong", async () => {
    await using model = await load(fixturePath("bert"));
    const cases: [Parameters<typeof model.forward>[0], string][] = [
      [{ sequences: [] }, "Expected at least one sequence for sequences"],
      [{ sequences: [ids(1), ids()] }, "Expected at least one token for sequences[1]"],
      [
        { sequences: [new Uint32Array(17)] },
        "Expected at most 16 tokens (the model's positions) for sequences[0] but received 17",
      ],
      [{ sequences: [ids(1, 37)] }, "Expected ids below 37 for sequences[0] but received 37"],
      [{ sequences: text, ...capture("layers.2.residual", 16) }, "Expected a site of the model: embed, layers.0-1."],
      [{ sequences: text, ...capture("embed", 15) }, "Expected a width of 16 for embed but received 15"],
      [{ sequences: text, ...capture("embed", 16, 1) }, "Expected an offset of 0 for embed but received 1"],
      [{ sequences: text, ...capture("layers.0.attention.scores", 8) }, "Expected sites of a fixed width"],
      [{ sequences: text, capture: { sites: [] } }, "Expected at least one site for capture.sites"],
      [{ sequences: text, scores: ["embed"] }, "Expected sites of attention scores for scores"],
      [{ sequences: text, targets: ids(1) }, "Expected one for each of 2 tokens for targets but received 1"],
      [{ sequences: text, targets: ids(1, 40) }, "Expected ids below 37 for targets but received 40"],
      [{ sequences: text, compareWith: ids(1) }, "Expected a sequence of the batch of 2 tokens for compareWith[0]"],
      [{ sequences: text, compareWith: ids(0, 0) }, "Expected one for each of 1 sequences for compareWith"],
      [{ sequences: text, state: "start" }, "Expected none for a model that does not predict the next token for state"],
      [{ sequences: text, interventions: [{ site: "embd", ...set }] }, 'did you mean "embed"'],
      [
        { sequences: text, interventions: [{ site: "embed", columns: [16], ...set }] },
        `Expected embed:0 to embed:15 for neuron but received "embed:16"`,
      ],
      [
        { sequences: text, interventions: [{ site: "embed", sequence: 1, ...set }] },
        "Expected a sequence of the batch, from 0 to 0",
      ],
      [
        { sequences: text, interventions: [{ site: "embed", positions: [2], ...set }] },
        "Expected positions from 0 to 1",
      ],
    ];
    for (const [request, message] of cases) expect(() => model.forward(request), message).toThrow(message);
  });

  it("when rows reach past the tokens", async () => {
    await using model = await load(fixturePath("bert"));
    const sites = [{ name: "embed", width: 16, offset: 0 }];
    const rows = { starts: ids(0, 1), ends: ids(1, 3), pool: "mean" } as const;
    const forward = () => model.forward({ sequences: text, capture: { sites, rows } });
    expect(forward).toThrow("Expected a run of the 2 tokens for rows[1] but received [1, 3]");
  });
});
