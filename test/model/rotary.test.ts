import { describe, expect, it, test } from "vitest";
import { rotaryTable } from "../../src/kernels/rotary.js";
import { Config } from "../../src/model/config.js";
import { rotaryAngles, scaledFrequencies } from "../../src/model/rotary.js";
import { readFixture } from "../fixtures/read-json.js";

interface Case {
  readonly config: Record<string, unknown>;
  readonly headWidth: number;
  readonly length: number | null;
  readonly layerType: string | null;
  readonly frequencies: readonly number[];
  readonly factor: number;
}

const { cases } = readFixture<{ cases: readonly Case[] }>("rotary.json");
const config = (values: Record<string, unknown>) =>
  new Config("m/config.json", { max_position_embeddings: 64, ...values });

test.each(cases)("the frequencies of $config are transformers'", ({ config: values, headWidth, ...given }) => {
  const rotary = config(values).rotary(given.layerType ?? undefined);
  const frequencies = scaledFrequencies(rotary, headWidth, given.length ?? undefined);
  expect(frequencies.length).toBe(given.frequencies.length);
  frequencies.forEach((frequency, pair) => {
    const expected = given.frequencies[pair]!; // of float32
    expect(Math.abs(frequency - expected), `pair ${pair}`).toBeLessThan(2e-6 * expected);
  });
  const table = rotaryTable(5, frequencies, given.factor);
  expect(rotaryAngles(rotary, headWidth, 5, given.length ?? undefined)).toEqual(table);
});

describe("rotary settings", () => {
  it("have a base by the keys of transformers 4 and 5", () => {
    expect(config({}).rotary()).toEqual({ type: "default", base: 10_000, partial: 1, positions: 64 });
    expect(config({ rope_theta: 5e5 }).rotary().base).toBe(5e5);
    expect(config({ rope_theta: 5e5, rope_scaling: null }).rotary().base).toBe(5e5);
    expect(config({ rope_parameters: { rope_theta: 7e5, rope_type: "default" } }).rotary().base).toBe(7e5);
    expect(config({ rope_theta: 3e5, rope_scaling: { type: "default" } }).rotary().base).toBe(3e5);
    expect(config({ rotary_emb_base: 2e4, rotary_pct: 0.25 }).rotary()).toMatchObject({ base: 2e4, partial: 0.25 });
  });

  it("are a layer type's own where the config has them by layer type", () => {
    const local = { rope_type: "default", rope_theta: 1e4 };
    const values = { rope_parameters: { full: { rope_type: "linear", rope_theta: 1e6, factor: 8 }, local } };
    expect(config(values).rotary("full")).toMatchObject({ type: "linear", base: 1e6, factor: 8 });
    expect(config(values).rotary("local")).toMatchObject({ type: "default", base: 1e4 });
    expect(() => config(values).rotary()).toThrow(
      "Expected settings for all layers, not by layer type (full, local) for rope_parameters",
    );
    expect(config({ rope_theta: 3e5 }).rotary("full").base).toBe(3e5);
  });

  it("that are unknown, missing or out of range are refused by name", () => {
    const rotary = (values: Record<string, unknown>) => () => config({ rope_parameters: values }).rotary();
    expect(rotary({ rope_type: "longrope" })).toThrow(
      'm/config.json: Expected one of default, linear, dynamic, llama3, yarn for rope_type but received "longrope"',
    );
    expect(rotary({ type: "yran" })).toThrow('(did you mean "yarn"?) for type but received "yran"');
    expect(rotary({ rope_type: "linear" })).toThrow("Expected a number for factor but received nothing");
    expect(rotary({ rope_type: "dynamic", factor: -2 })).toThrow("Expected a number above 0 for factor");
    expect(rotary({ rope_theta: "1e4" })).toThrow('Expected a number for rope_theta but received "1e4"');
    expect(rotary({ partial_rotary_factor: 2 })).toThrow("Expected a share of at most 1 for partial_rotary_factor");
    const llama3 = { rope_type: "llama3", factor: 8, low_freq_factor: 4, high_freq_factor: 4 };
    expect(rotary(llama3)).toThrow("Expected less than high_freq_factor (4) for low_freq_factor");
    expect(() => config({ rope_scaling: "yarn" }).rotary()).toThrow("Expected an object for rope_parameters");
    expect(() => scaledFrequencies(config({ rotary_pct: 0.4 }).rotary(), 64)).toThrow(
      "Expected a share of the 64 columns of a head that is an even number for partial_rotary_factor but received 0.4",
    );
    expect(() => config({ max_position_embeddings: null }).rotary()).toThrow("for max_position_embeddings");
  });
});
