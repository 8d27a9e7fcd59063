import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Device } from "../../../src/device/device.js";
import { averagePrecision } from "../../../src/methods/corpus/average-precision.js";
import { iou } from "../../../src/methods/corpus/iou.js";
import { spearman } from "../../../src/methods/corpus/spearman.js";
import { annotated, arraySource } from "../../array-source.js";
import { devices } from "../../devices.js";
import { randomNormals } from "../../random.js";

const rows = 600;
const width = 12;
const sites = [
  { name: "layers.0.residual", width, offset: 0 },
  { name: "layers.1.residual", width, offset: width },
];
const tags = Array.from(randomNormals(rows, 8), (value) => (value > 1 ? "A" : value < -0.7 ? "B" : null));
const ages = Array.from(randomNormals(rows, 9), (value) => Math.round(10 * value));
const table = {
  ...annotated({ tag: tags, age: ages.map(String) }),
  sentence: Uint32Array.from({ length: rows }, (_, row) => Math.floor(row / 5)),
};

/** A is neuron 3 of the first site; in the second it lies along all neurons, as B does in both. So does age in the first. */
function planted(): Float32Array {
  const x = randomNormals(rows * 2 * width, 4);
  const along = [1, -1, 1, 1, -1, -1, 1, -1, 1, -1, -1, 1];
  for (let row = 0; row < rows; row++) {
    const own = x.subarray(row * 2 * width, (row + 1) * 2 * width);
    if (tags[row] === "A") own[3]! -= 6;
    along.forEach((sign, i) => {
      if (tags[row] === "A") own[width + i]! += 1.5 * sign;
      if (tags[row] === "B") own[width + i]! += i % 2 === 0 ? 1.5 : -1.5;
      own[i]! += (ages[row]! / 10) * sign * (i === 3 ? 0 : 1);
    });
  }
  return x;
}

describe.each(devices)("the basis control on %s", (_, open) => {
  let device: Device;
  beforeAll(async () => {
    device = await open();
  });
  afterAll(() => device[Symbol.asyncDispose]());

  test("tells a neuron's concept from one that lies along many, by average precision", async () => {
    const source = arraySource(planted(), 2 * width, { table, sites });
    const { controls } = await averagePrecision(source, { concept: "tag", controls: true, device });
    expect(controls?.map(({ value, site }) => [value, site])).toEqual([
      ["A", "layers.0.residual"],
      ["A", "layers.1.residual"],
      ["B", "layers.0.residual"],
      ["B", "layers.1.residual"],
    ]);
    const [own, spread, , other] = controls!;
    expect(own!.neuron.name).toBe("layers.0.residual:3");
    expect(own!.neuron.score).toBeGreaterThan(0.9); // it speaks by small values
    expect(own!.neuron.score).toBeGreaterThan(own!.rotation + 0.1);
    expect(spread!.direction).toBeGreaterThan(0.9);
    expect(spread!.direction).toBeGreaterThan(spread!.neuron.score + 0.2);
    expect(other!.direction).toBeGreaterThan(other!.neuron.score + 0.1);
    expect(own!.chance).toBeGreaterThan(0.1);
    expect(own!.chance).toBeLessThan(0.25);
  });

  test("takes masks as large as the concept for overlap", async () => {
    const source = arraySource(planted(), 2 * width, { table, sites });
    const got = await iou(source, { concept: "tag=A", controls: true, seed: 3, device });
    const [, spread] = got.controls!;
    expect(spread!.value).toBe("A");
    expect(spread!.direction).toBeGreaterThan(0.75);
    expect(spread!.direction).toBeGreaterThan(spread!.neuron.score + 0.2);
    expect(got.options).toEqual({ threshold: 0, controls: true });
  });

  test("of a number is the covariance with it", async () => {
    const source = arraySource(planted(), 2 * width, { table, sites });
    const { controls } = await spearman(source, { concept: "age", controls: true, seed: 5, device });
    const again = await spearman(source, { concept: "age", controls: true, seed: 5, device });
    expect(again.controls).toEqual(controls);
    const [first, second] = controls!;
    expect(first!.direction).toBeGreaterThan(first!.neuron.score + 0.1);
    expect(first!.direction).toBeGreaterThan(0.9);
    expect(Math.abs(second!.direction)).toBeLessThan(0.3);
    expect(first!.chance).toBe(0);
  });

  test("leaves out values that a half does not have, and refuses a single sentence", async () => {
    const rare = annotated({ tag: tags.map((tag, row) => (row === 7 ? "once" : tag)) });
    const x = planted();
    const source = arraySource(x, 2 * width, { table: { ...rare, sentence: table.sentence }, sites });
    const { controls } = await averagePrecision(source, { concept: "tag", controls: true, device });
    expect(new Set(controls?.map(({ value }) => value))).toEqual(new Set(["A", "B"]));
    await expect(
      averagePrecision(arraySource(x, 2 * width, { table: rare, sites }), { concept: "tag", controls: true, device }),
    ).rejects.toThrow(
      'Expected sentences to choose by and others to hold out for controls but received "600 rows of too few sentences"',
    );
  });
});
