import { describe, expect, test } from "vitest";
import { logitLens } from "../../../src/methods/visualization/logit-lens.js";
import { loadModel } from "../../../src/model/load.js";
import { devices } from "../../devices.js";
import { type Family, fixturePath } from "../../fixtures/model-fixture.js";
import { readFixture } from "../../fixtures/read-json.js";

const expected = readFixture<Record<string, Record<string, number[][]>>>("logit-lens.json");

describe.each(devices)("the logit lens on %s", (_, open) => {
  test.each(Object.keys(expected) as Family[])("of %s is what torch computes of its weights", async (family) => {
    await using device = await open();
    await using model = await loadModel(fixturePath(family), { device });
    for (const [site, rows] of Object.entries(expected[family]!)) {
      const logits = await model.logitLens!(site, Uint32Array.of(0, 1, 2));
      expect(logits.length).toBe(3 * model.vocabulary);
      const wanted = rows.flat();
      const furthest = logits.reduce((most, value, i) => Math.max(most, Math.abs(value - wanted[i]!)), 0);
      expect(furthest, site).toBeLessThan(1e-5);
    }
  });

  test("names the tokens that a neuron raises and lowers most, a neuron the same in any batch", async () => {
    await using device = await open();
    await using model = await loadModel(fixturePath("gpt2"), { device });
    const [lens] = await logitLens(model, ["layers.1.mlp.hidden:2"], { top: 3 });
    const effects = expected.gpt2!["layers.1.mlp.hidden"]![2]!;
    const ids = effects.map((_, id) => id).sort((a, b) => effects[b]! - effects[a]!);
    expect(lens!.raised.map(({ id }) => id)).toEqual(ids.slice(0, 3));
    expect(lens!.lowered.map(({ id }) => id)).toEqual(ids.slice(-3).reverse());
    expect(lens!.raised[0]!.token).toBe(model.tokenizer.token(ids[0]!));
    const many = await model.logitLens!(
      "layers.0.residual",
      Uint32Array.from({ length: 67 }, (_, i) => i % 3),
    );
    const alone = await model.logitLens!("layers.0.residual", Uint32Array.of(0));
    expect(many.slice(66 * model.vocabulary)).toEqual(alone);
  });

  test("of a recurrent model reads its last hidden state", async () => {
    await using device = await open();
    await using model = await loadModel(fixturePath("lstm"), { device });
    const site = `layers.${model.layers - 1}.hidden`;
    const [lens] = await logitLens(model, [`${site}:1`], { top: 2 });
    expect(lens!.raised[0]!.effect).toBeGreaterThan(lens!.lowered[0]!.effect);
    await expect(logitLens(model, [site.replace(/\d/, "0").concat(":1")])).rejects.toThrow("as wide as the residual");
  });

  test("refuses neurons that write nothing, that are not there, and models without a language model's head", async () => {
    await using device = await open();
    await using model = await loadModel(fixturePath("gpt2"), { device });
    await expect(logitLens(model, ["layers.0.mlp.pre:1"])).rejects.toThrow(
      'Expected attention.heads, mlp.hidden or a site as wide as the residual stream for site but received "layers.0.mlp.pre"',
    );
    await expect(logitLens(model, ["layers.0.residual:99999"])).rejects.toThrow("for neuron but received 99999");
    await expect(logitLens(model, ["layers.0.residul:1"])).rejects.toThrow('did you mean "layers.0.residual"');
    await expect(logitLens(model, ["final"])).rejects.toThrow("SITE:INDEX");
    await using classifier = await loadModel(fixturePath("bert-sequences"), { device });
    await expect(logitLens(classifier, ["layers.0.residual:1"])).rejects.toThrow("leads straight to its head");
  });
});
