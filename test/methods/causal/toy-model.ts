import type { Device } from "../../../src/device/device.js";
import type { Intervention } from "../../../src/model/interventions.js";
import { type Forward, type ForwardRequest, type Model, NO_TARGET } from "../../../src/model/model.js";
import { selectSites } from "../../../src/model/sites.js";
import type { Tokenizer } from "../../../src/model/tokenizer.js";

const vocabulary = 6;
const width = 8;

/**
 * A model that one can follow in the head, written in plain TypeScript: each token is an id 0 … 5;
 * neuron i < 6 of layer 0 is 1 where the token is i, neurons 6 and 7 are always .5; layer 1 copies layer 0.
 * The logit of id j is 4 × neuron (j − 1) of layer 1, so the model counts upwards and neurons 6 and 7 do nothing. Of the
 * redundant one it is that times 2 × the larger of these two, so that either of them is enough.
 */
export function toyModel(device: Device, kind: "plain" | "redundant" = "plain"): Model {
  const sites = ["layers.0.mlp.hidden", "layers.0.residual", "layers.1.mlp.hidden", "layers.1.residual"].map(
    (name) => ({
      name,
      width,
    }),
  );
  const tokenizer: Tokenizer = {
    kind: "characters",
    files: [],
    size: vocabulary,
    encode: async (texts) =>
      texts.map((text) => {
        const ids = Uint32Array.from(text, Number);
        const starts = Uint32Array.from(ids.keys());
        return { ids, starts, ends: starts.map((start) => start + 1), special: new Uint8Array(ids.length) };
      }),
    decode: async (ids) => Array.from(ids).join(""),
    token: (id) => String(id),
    id: (token) => Number(token),
  };
  return {
    name: "toy",
    path: "toy",
    family: "toy",
    head: { kind: "causal", labels: [] },
    device,
    sites,
    layers: 2,
    heads: 2,
    encoder: null,
    maximumTokens: 64,
    vocabulary,
    parameters: 0,
    dtypes: ["F32"],
    unused: [],
    beginning: null,
    endings: [],
    tokenizer,
    targetTokenizer: tokenizer,
    fingerprint: async () => "f".repeat(64),
    forward: (request) => forward(device, request, kind),
    bytesOf: ({ sequences }) => 1_000_000 * sequences.reduce((sum, { length }) => sum + length, 0),
    [Symbol.asyncDispose]: async () => {},
  };
}

function forward(
  device: Device,
  { sequences, interventions = [], targets, compareWith, capture }: ForwardRequest,
  kind: "plain" | "redundant",
): Forward {
  const starts = Uint32Array.from([
    0,
    ...sequences.map((_, i) => sequences.slice(0, i + 1).flatMap((s) => [...s]).length),
  ]);
  const layers = sequences.flatMap((ids, s) =>
    [...ids].map((id, position) => runToken(id, s, position, interventions)),
  );
  const logits = layers.map((sites) => {
    const neurons = sites.get("layers.1.mlp.hidden")!;
    const strength = kind === "plain" ? 4 : 8 * Math.max(neurons[6]!, neurons[7]!);
    return Array.from({ length: vocabulary }, (_, j) => (j === 0 ? 0 : strength * neurons[j - 1]!));
  });
  const logProbabilities = logits.map((row) => {
    const sum = Math.log(row.reduce((total, value) => total + Math.exp(value), 0));
    return row.map((value) => value - sum);
  });
  const sequenceOf = (t: number) => starts.findIndex((start, s) => t >= start && t < starts[s + 1]!);
  const each = (make: (row: number[], t: number) => number) =>
    Float32Array.from(logProbabilities, (row, t) => (targets?.[t] === NO_TARGET ? 0 : make(row, t)));
  const captured =
    capture &&
    capturedOf(
      device,
      capture.sites.map(({ name }) => name),
      layers,
    );
  return {
    tokens: layers.length,
    starts,
    done: Promise.resolve(),
    captured: captured ?? null,
    state: null,
    logits: () => Promise.reject(new Error("the toy has probabilities only")),
    losses: async () => each((row, t) => -row[targets![t]!]!),
    operations: 0,
    operationsOfTexts: 0,
    probabilities: async () => each((row, t) => Math.exp(row[targets![t]!]!)),
    predictions: async () => Uint32Array.from(logProbabilities, (row) => row.indexOf(Math.max(...row))),
    divergences: async () =>
      each((row, t) => {
        const s = sequenceOf(t);
        const before = logProbabilities[starts[compareWith![s]!]! + t - starts[s]!]!;
        return before.reduce((sum, p, j) => sum + Math.exp(p) * (p - row[j]!), 0);
      }),
    distances: async () =>
      Float32Array.from(layers, (sites, t) => {
        const s = sequenceOf(t);
        const after = sites.get("layers.1.residual")!;
        const before = layers[starts[compareWith![s]!]! + t - starts[s]!]!.get("layers.1.residual")!;
        return Math.hypot(...after.map((value, i) => value - before[i]!)) / Math.hypot(...before);
      }),
    scores: async () => {
      throw new Error("a toy model has no attention");
    },
    [Symbol.dispose]: () => captured?.buffer[Symbol.dispose](),
  };
}

function runToken(id: number, sequence: number, position: number, interventions: readonly Intervention[]) {
  const sites = new Map<string, number[]>();
  let values = Array.from({ length: width }, (_, i) => (i < vocabulary ? Number(i === id) : 0.5));
  for (const layer of [0, 1]) {
    values = change([...values], `layers.${layer}.mlp.hidden`, sequence, position, interventions);
    sites.set(`layers.${layer}.mlp.hidden`, values);
    sites.set(`layers.${layer}.residual`, values);
  }
  return sites;
}

function change(
  values: number[],
  site: string,
  sequence: number,
  position: number,
  interventions: readonly Intervention[],
): number[] {
  for (const { columns, value, ...where } of interventions) {
    const run = typeof where.sequence === "number" ? [where.sequence, where.sequence + 1] : where.sequence;
    if (where.site !== site || (run && (sequence < run[0]! || sequence >= run[1]!))) continue;
    if (Array.isArray(where.positions) && !where.positions.includes(position)) continue;
    if (typeof value === "object" && "sites" in value) throw new Error("the toy takes numbers");
    Array.from(columns ?? values.keys()).forEach((column, i) => {
      values[column] = typeof value === "number" ? value : value[i]!;
    });
  }
  return values;
}

function capturedOf(device: Device, names: readonly string[], layers: readonly Map<string, number[]>[]) {
  const rows = layers.map((sites) => names.flatMap((name) => sites.get(name)!));
  const values = Float32Array.from(rows.flat());
  return {
    buffer: device.upload(values),
    row: 0,
    rows: rows.length,
    columns: rows[0]!.length,
    values: async () => values,
  };
}

/** The sites of the toy's MLP neurons. */
export const toySites = (model: Model) => selectSites(model.sites, "layers.*.mlp.hidden");
