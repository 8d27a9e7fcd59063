import { afterAll, describe, expect, it } from "vitest";
import type { Site } from "../../src/core/sites.js";
import type { Device } from "../../src/device/device.js";
import { loadModel } from "../../src/model/load.js";
import type { Forward, ForwardRequest, Model } from "../../src/model/model.js";
import { selectSites } from "../../src/model/sites.js";
import { devices } from "../devices.js";
import {
  change,
  decoders,
  families,
  fixturePath,
  largestDifference,
  readExpected,
  tolerance,
} from "../fixtures/model-fixture.js";

describe.each(devices)("on %s", (_, open) => {
  const opened: Promise<Device> = open();
  afterAll(async () => (await opened)[Symbol.asyncDispose]());

  describe.each(families)("%s", (family) => {
    const loaded: Promise<Model> = opened.then((device) => loadModel(fixturePath(family), { device }));
    afterAll(async () => (await loaded)[Symbol.asyncDispose]());

    it("has every site that the reference has, and every value within 1e-4 of it, in one submit", async () => {
      const [model, expected] = [await loaded, await readExpected(family)];
      expect(model.sites.map(({ name }) => name).sort()).toEqual([...expected.sites.keys()].sort());
      const scores = model.sites.filter(({ width }) => width === null).map(({ name }) => name);
      const before = model.device.submits;
      using run = await capture(model, { sequences: expected.sequences, ...typesOf(expected.types), scores });
      expect(model.device.submits - before).toBe(1);
      for (const site of run.sites) {
        const values = run.rowsOf(site, tokensOf(model, run.forward, site));
        expect(largestDifference(values, expected.sites.get(site.name)!), site.name).toBeLessThan(tolerance);
      }
      for (const site of scores) {
        const values = Float32Array.from((await run.forward.scores(site)).flatMap((own) => [...own]));
        expect(largestDifference(values, expected.sites.get(site)!), site).toBeLessThan(tolerance);
      }
    });

    it("gives the same where nobody looks between, and to each sequence alone", async () => {
      const [model, { sequences, types, sites }] = [await loaded, await readExpected(family)];
      const last = lastSite(model).name;
      const batches = [[...sequences.keys()], ...[...sequences.keys()].map((s) => [s])];
      const parts: Float32Array[] = [];
      for (const batch of batches) {
        const own = types && batch.map((s) => types[s]!);
        using run = await capture(model, { sequences: batch.map((s) => sequences[s]!), ...typesOf(own) }, last);
        parts.push(run.rowsOf(run.sites[0]!, tokensOf(model, run.forward, run.sites[0]!)));
      }
      const alone = Float32Array.from(parts.slice(1).flatMap((part) => [...part]));
      expect(largestDifference(parts[0]!, sites.get(last)!)).toBeLessThan(tolerance);
      expect(largestDifference(alone, parts[0]!)).toBeLessThan(1e-5); // sums may be cut elsewhere
    });

    it("passes a change of every site on as the reference does, and to nothing that comes before it", async () => {
      const [model, expected] = [await loaded, await readExpected(family)];
      const changed = model.sites.filter(({ name }) => expected.changed.has(name));
      expect(changed.length).toBe(expected.changed.size);
      const text = expected.sequences[change.sequence]!;
      const interventions = changed.map(({ name, rows, width }, sequence) => {
        const { positions, columns, ...everywhere } = change;
        const own = columns.map((column) => Math.min(column, width! - 1));
        return { site: name, ...everywhere, columns: own, sequence, ...(rows !== "sequence" && { positions }) };
      });
      // As many copies of the text as there are sites, each with its own change, and one that stays as it is.
      const sequences = [...changed.map(() => text), text];
      const types = expected.types && sequences.map(() => expected.types![change.sequence]!);
      using run = await capture(model, { sequences, ...typesOf(types), interventions });
      const rows = (copy: number, count = text.length) =>
        Array.from({ length: count }, (_, t) => copy * text.length + t);
      const last = run.sites.at(-1)!;
      changed.forEach(({ name }, copy) => {
        const final = run.rowsOf(last, rows(copy).slice(-1));
        expect(largestDifference(final, expected.changed.get(name)!), name).toBeLessThan(tolerance);
        const same = (site: Site, count?: number) =>
          largestDifference(run.rowsOf(site, rows(copy, count)), run.rowsOf(site, rows(changed.length, count)));
        // A classifier reads one token, which the changed ones of the last two sites need not be.
        const others = run.sites.filter((site, i) => site.name !== name || i >= run.sites.length - 2);
        expect(Math.max(...others.map((site) => same(site))), name).toBeGreaterThan(1e-3);
        for (const site of run.sites.slice(0, firstSite(run.sites, name))) expect(same(site), name).toBeLessThan(1e-5);
        const looksBack = decoders.some((decoder) => decoder === family) && !model.sites.some(({ rows }) => rows);
        for (const site of looksBack ? run.sites : []) expect(same(site, change.positions[0]), name).toBeLessThan(1e-5);
      });
    });
  });
});

/** The token types of a batch as a request has them; nothing where there are none. */
function typesOf(types: readonly Uint32Array[] | null): Pick<ForwardRequest, "types"> {
  return types ? { types: Uint32Array.from(types.flatMap((own) => [...own])) } : {};
}

/** A pass with the sites that it kept. */
interface Captured extends Disposable {
  readonly forward: Forward;
  readonly sites: readonly Site[];
  /** The values of a site at some packed tokens. */
  rowsOf(site: Site, tokens: readonly number[]): Float32Array;
}

async function capture(model: Model, request: ForwardRequest, selector = "*"): Promise<Captured> {
  const sites = selectSites(model.sites, selector);
  const forward = model.forward({ ...request, capture: { sites } });
  const matrix = await forward.captured!.values();
  const { columns } = forward.captured!;
  const row = (token: number, { offset, width }: Site) =>
    matrix.subarray(token * columns + offset, token * columns + offset + width);
  return {
    forward,
    sites,
    rowsOf: (site, tokens) => Float32Array.from(tokens.flatMap((token) => [...row(token, site)])),
    [Symbol.dispose]: () => forward[Symbol.dispose](),
  };
}

/** The tokens at which a site has its values: one per sequence for a sequence classifier's logits, else all. */
function tokensOf(model: Model, { starts, tokens }: Forward, { name }: Site): number[] {
  const bySequence = model.sites.some((site) => site.name === name && site.rows === "sequence");
  return bySequence ? [...starts.subarray(0, -1)] : Array.from({ length: tokens }, (_, token) => token);
}

function lastSite(model: Model): Site {
  return selectSites(model.sites, "*").at(-1)!;
}

/** How many sites a change of one surely leaves as they are: those of the layers before it. */
function firstSite(sites: readonly Site[], changed: string): number {
  const layer = /^(.*layers\.\d+\.)/.exec(changed)?.[1];
  return sites.findIndex(({ name }) => (layer ? name.startsWith(layer) : name === changed));
}
