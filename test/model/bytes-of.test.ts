import { afterAll, beforeAll, expect, test } from "vitest";
import type { Device } from "../../src/device/device.js";
import { loadModel } from "../../src/model/load.js";
import type { Model } from "../../src/model/model.js";
import { openTestDevice } from "../devices.js";
import { fixturePath } from "../fixtures/model-fixture.js";

let device: Device;
let model: Model;
beforeAll(async () => {
  device = await openTestDevice("native");
  model = await loadModel(fixturePath("gpt2"), { device });
});
afterAll(async () => {
  await model[Symbol.asyncDispose]();
  await device[Symbol.asyncDispose]();
});

const sequences = (count: number) => Array.from({ length: count }, () => Uint32Array.from({ length: 16 }, (_, t) => t));
const predicting = (count: number) => {
  return { sequences: sequences(count), targets: new Uint32Array(16 * count).fill(1) };
};

test("tells what a batch would take without computing anything", () => {
  const before = device.submits;
  const bytes = model.bytesOf!({ sequences: sequences(4) });
  expect(bytes).toBeGreaterThan(4 * model.parameters);
  expect(device.submits).toBe(before);
});

test("grows with tokens, as they do once weights are small beside them", () => {
  const [few, many] = [64, 512].map((count) => model.bytesOf!(predicting(count)) - 4 * model.parameters);
  expect(many! / few!).toBeGreaterThan(6);
  expect(many! / few!).toBeLessThan(9);
});

test("counts logits and captured values that a request asks for", () => {
  const plain = model.bytesOf!(predicting(64));
  const logits = model.bytesOf!({ ...predicting(64), logits: true });
  expect(logits - plain).toBeGreaterThanOrEqual(2 * 4 * 64 * 16 * model.vocabulary);
  const sites = model.sites
    .filter(({ name }) => name.endsWith("mlp.hidden"))
    .map(({ name, width }, i) => {
      return { name, width: width!, offset: i * width! };
    });
  const columns = sites.reduce((sum, { width }) => sum + width, 0);
  const captured = model.bytesOf!({ sequences: sequences(64), capture: { sites } });
  expect(captured - model.bytesOf!({ sequences: sequences(64) })).toBeGreaterThanOrEqual(2 * 4 * 64 * 16 * columns);
});

test("refuses what a forward pass refuses", () => {
  expect(() => model.bytesOf!({ sequences: [new Uint32Array(0)] })).toThrow("Expected");
});
