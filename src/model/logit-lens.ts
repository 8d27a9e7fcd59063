import { ArgumentError } from "../core/errors.js";
import type { Device } from "../device/device.js";
import { Recorder } from "../device/plan.js";
import { productKernel, productOptions } from "../kernels/product.js";
import type { DecoderLayer } from "./decoder-layer.js";
import type { Norm } from "./layers.js";
import type { Linear } from "./linear.js";
import type { Network } from "./network.js";
import { findSite, layerOf } from "./sites.js";

/** The linear maps of a language model's head, in order: a masked model's transform (its nonlinearity is left out) and norm, and the decoder. */
export interface Readout {
  readonly dense?: Linear;
  readonly norm?: Norm;
  readonly decoder: Linear;
}

/** From a site's neurons to what the head reads: through a projection, or as they stand in the residual stream. */
export interface LensPath {
  readonly through: Linear | null;
  /** Norms on the way, of which only the gains count. */
  readonly gains: readonly Norm[];
}

/** Neurons whose logits are computed at once. */
const batch = 64;

/**
 * The path of a transformer's sites: `attention.heads` and `mlp.hidden` go through their output projection, sites as wide
 * as the residual stream stand in it; all but `final` through the last norm. What later layers make of it is left out.
 */
export function transformerLensPath(site: string, layers: readonly DecoderLayer[], last: Norm | null): LensPath | null {
  const gains = last ? [last] : [];
  if (site === "embed") return { through: null, gains };
  if (site === "final") return { through: null, gains: [] };
  const layer = layers[layerOf(site) ?? layers.length];
  if (!layer) return null;
  const [attended, fed] = layer.order === "both-norms" ? [[layer.attentionPostNorm], [layer.mlpPostNorm]] : [[], []];
  const component = site.replace(/^layers\.\d+\./, "");
  if (component === "residual") return { through: null, gains };
  if (component === "attention.heads") return { through: layer.out, gains: [...attended, ...gains] };
  if (component === "attention.out") return { through: null, gains: [...attended, ...gains] };
  if (component === "mlp.hidden") return { through: layer.mlp.down, gains: [...fed, ...gains] };
  if (component === "mlp.out") return { through: null, gains: [...fed, ...gains] };
  return null;
}

/** What `Model.logitLens` gives. */
export async function logitLens(
  device: Device,
  network: Network,
  site: string,
  neurons: Uint32Array,
): Promise<Float32Array> {
  const { width } = findSite(network.sites, site);
  const readout = network.head?.readout;
  if (!readout || !network.lensPath) {
    throw new ArgumentError("model", "a language model whose residual stream leads straight to its head", "another");
  }
  const path = network.lensPath(site);
  if (!path || width === null) {
    throw new ArgumentError("site", "attention.heads, mlp.hidden or a site as wide as the residual stream", site);
  }
  const beyond = neurons.find((neuron) => neuron >= width);
  if (beyond !== undefined) throw new ArgumentError("neuron", `a whole number below ${width}`, beyond);
  const { outputs } = readout.decoder;
  const logits = new Float32Array(neurons.length * outputs);
  for (let first = 0; first < neurons.length; first += batch) {
    const units = unitRows(neurons.subarray(first, first + batch), width);
    logits.set(center(await follow(device, units, path, readout), outputs), first * outputs);
  }
  return logits;
}

/** A row per neuron: 1 at its place. */
function unitRows(neurons: Uint32Array, width: number): Float32Array {
  const rows = new Float32Array(neurons.length * width);
  neurons.forEach((neuron, row) => {
    rows[row * width + neuron] = 1;
  });
  return rows;
}

async function follow(device: Device, units: Float32Array, { through, gains }: LensPath, readout: Readout) {
  let x = through ? await multiply(device, units, through) : units;
  for (const norm of gains) x = await scale(device, x, norm);
  if (readout.dense) x = await multiply(device, x, readout.dense);
  if (readout.norm) x = await scale(device, x, readout.norm);
  return await multiply(device, x, readout.decoder);
}

/** x · W, without the bias. */
async function multiply(device: Device, x: Float32Array, { inputs, outputs, weight }: Linear): Promise<Float32Array> {
  const rows = x.length / inputs;
  const recorder = new Recorder();
  const a = recorder.external("a", "f32", [rows, inputs]);
  const out = recorder.external("out", "f32", [rows, outputs]);
  const operands = { a, b: weight.value(recorder), out };
  const sizes = { rows, inner: inputs, columns: outputs };
  recorder.record(productKernel, operands, sizes, productOptions({ layout: weight.layout }));
  using plan = device.plan(recorder);
  using given = device.upload(x);
  using product = device.allocate(rows * outputs * 4);
  device.submit(plan, { buffers: { a: given, out: product } }).done.catch(() => {}); // reported by the download
  return await device.download(product, new Float32Array(rows * outputs));
}

async function scale(device: Device, x: Float32Array, { width, weight }: Norm): Promise<Float32Array> {
  const gain = await device.download(weight, new Float32Array(width));
  return x.map((value, i) => value * gain[i % width]!);
}

/** Takes its mean off every row. */
function center(logits: Float32Array, columns: number): Float32Array {
  for (let start = 0; start < logits.length; start += columns) {
    const row = logits.subarray(start, start + columns);
    const mean = row.reduce((sum, value) => sum + value, 0) / columns;
    row.forEach((value, i) => {
      row[i] = value - mean;
    });
  }
  return logits;
}
