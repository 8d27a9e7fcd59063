import { afterAll, describe, expect, it } from "vitest";
import type { Device } from "../../src/device/device.js";
import { loadModel } from "../../src/model/load.js";
import type { Model } from "../../src/model/model.js";
import { selectSites } from "../../src/model/sites.js";
import { devices } from "../devices.js";
import { change, families, fixturePath, largestDifference, readExpected } from "../fixtures/model-fixture.js";

/** Both sides compute in float32, in other orders; values are of size 1 to 10. */
const tolerance = 1e-4;

describe.each(devices)("on %s", (_, open) => {
  const opened: Promise<Device> = open();
  afterAll(async () => (await opened)[Symbol.asyncDispose]());

  describe.each(families)("%s", (family) => {
    const loaded: Promise<Model> = opened.then((device) => loadModel(fixturePath(family), { device }));
    afterAll(async () => (await loaded)[Symbol.asyncDispose]());

    it("has every site that the reference has, and every value within 1e-4 of it", async () => {
      const [model, expected] = [await loaded, await readExpected(family)];
      expect(model.sites.map(({ name }) => name).sort()).toEqual([...expected.sites.keys()].sort());
      const sites = selectSites(model.sites, "*");
      const scores = model.sites.filter(({ width }) => width === null).map(({ name }) => name);
      const before = model.device.submits;
      using forward = model.forward({ sequences: expected.sequences, capture: { sites }, scores });
      expect(model.device.submits - before).toBe(1);
      const matrix = await forward.captured!.values();
      const columns = forward.captured!.columns;
      for (const { name, width, offset } of sites) {
        const bySequence = model.sites.find((site) => site.name === name)!.rows === "sequence";
        const tokens = bySequence ? [...forward.starts.subarray(0, -1)] : [...Array(forward.tokens).keys()];
        const values = new Float32Array(tokens.length * width).map(
          (_, i) => matrix[tokens[Math.floor(i / width)]! * columns + offset + (i % width)]!,
        );
        expect(largestDifference(values, expected.sites.get(name)!), name).toBeLessThan(tolerance);
      }
      for (const site of scores) {
        const values = Float32Array.from((await forward.scores(site)).flatMap((own) => [...own]));
        expect(largestDifference(values, expected.sites.get(site)!), site).toBeLessThan(tolerance);
      }
    });

    it("passes a change of every site on to the last one as the reference does", async () => {
      const [model, expected] = [await loaded, await readExpected(family)];
      const changed = [...expected.changed.keys()];
      const { sequence, positions, ...everywhere } = change;
      const interventions = changed.map((site, copy) => {
        const bySequence = model.sites.find(({ name }) => name === site)!.rows === "sequence";
        return { site, sequence: copy, ...everywhere, ...(!bySequence && { positions }) };
      });
      const sequences = changed.map(() => expected.sequences[sequence]!);
      const last = selectSites(model.sites, model.sites.at(-1)!.name);
      using forward = model.forward({ sequences, capture: { sites: last }, interventions });
      const values = await forward.captured!.values();
      const width = last[0]!.width;
      changed.forEach((site, copy) => {
        const end = forward.starts[copy + 1]! * width;
        expect(largestDifference(values.subarray(end - width, end), expected.changed.get(site)!), site).toBeLessThan(
          tolerance,
        );
      });
      expect(changed.length).toBe(model.sites.filter(({ width }) => width !== null).length);
    });
  });
});
