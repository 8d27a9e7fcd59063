import { eachBlock } from "../../activations/each-block.js";
import type { ActivationSource } from "../../activations/source.js";
import { wordsPerRow } from "../../core/bits.js";
import type { Device, DeviceBuffer } from "../../device/device.js";
import { Recorder } from "../../device/plan.js";
import { masksKernel, noRow } from "../../kernels/masks.js";
import { QuantileSearch, quantileDigits, quantilesKernel, rowsAbove } from "../../kernels/quantiles.js";
import { rejectNanRows } from "../reject-nan.js";
import type { MethodContext } from "../result.js";

/** Where masks are cut: above a number or a number each, above each neuron's (1 − quantile) quantile, or so that `rows` rows are on. */
export type MaskCut =
  | { readonly threshold: number | Float32Array }
  | { readonly quantile: number }
  | { readonly rows: number };

/** Masks on a device: columns × rows bits, `words` words of 32 bits a column. */
export interface SourceMasks extends Disposable {
  readonly buffer: DeviceBuffer;
  readonly words: number;
}

/**
 * The masks of all neurons of a source, in one pass, or five where they are cut at quantiles.
 *
 * @throws ArgumentError that names row and neuron of a NaN
 */
export async function sourceMasks(
  source: ActivationSource,
  device: Device,
  cut: MaskCut,
  context: MethodContext,
): Promise<SourceMasks> {
  const { columns } = source;
  const words = wordsPerRow(source.rows);
  using threshold = device.upload(await thresholds(source, device, cut, context));
  using nan = device.upload(new Uint32Array(columns).fill(noRow));
  const buffer = device.upload(new Uint32Array(columns * words));
  const recorder = new Recorder();
  recorder.record(
    masksKernel,
    {
      x: recorder.external("x", "f32", [1, columns]),
      threshold: recorder.external("threshold", "f32", [columns]),
      bits: recorder.external("bits", "u32", [columns, words]),
      nan: recorder.external("nan", "u32", [columns]),
    },
    { rows: recorder.parameter("rows"), columns, firstRow: recorder.parameter("firstRow") },
  );
  try {
    using plan = device.plan(recorder);
    await eachBlock(
      source,
      device,
      context,
      "masks",
      (x, { rows, firstRow }) =>
        device.submit(plan, { buffers: { x, threshold, bits: buffer, nan }, parameters: { rows, firstRow } }).done,
    );
    rejectNanRows(await device.download(nan, new Uint32Array(columns)), source.sites);
  } catch (error) {
    buffer[Symbol.dispose]();
    throw error;
  }
  return { buffer, words, [Symbol.dispose]: () => buffer[Symbol.dispose]() };
}

async function thresholds(
  source: ActivationSource,
  device: Device,
  cut: MaskCut,
  context: MethodContext,
): Promise<Float32Array> {
  const { columns, rows } = source;
  if ("threshold" in cut) {
    return typeof cut.threshold === "number" ? new Float32Array(columns).fill(cut.threshold) : cut.threshold;
  }
  const search = new QuantileSearch(columns, "rows" in cut ? cut.rows : rowsAbove(cut.quantile, rows));
  for (const digit of quantileDigits) {
    search.follow(digit, await countDigit(source, device, search.prefix, digit, context));
  }
  return search.thresholds();
}

/** One pass that counts how often each byte follows the known ones. */
async function countDigit(
  source: ActivationSource,
  device: Device,
  known: Uint32Array<ArrayBuffer>,
  digit: number,
  context: MethodContext,
): Promise<Uint32Array> {
  const { columns } = source;
  using prefix = device.upload(known);
  using counts = device.upload(new Uint32Array(columns * 256));
  using nan = device.upload(new Uint32Array(columns).fill(noRow));
  const recorder = new Recorder();
  recorder.record(
    quantilesKernel,
    {
      x: recorder.external("x", "f32", [1, columns]),
      prefix: recorder.external("prefix", "u32", [columns]),
      counts: recorder.external("counts", "u32", [columns, 256]),
      nan: recorder.external("nan", "u32", [columns]),
    },
    { rows: recorder.parameter("rows"), columns, firstRow: recorder.parameter("firstRow") },
    { digit },
  );
  using plan = device.plan(recorder);
  await eachBlock(
    source,
    device,
    context,
    `quantiles, byte ${digit + 1} of 4`,
    (x, { rows, firstRow }) =>
      device.submit(plan, { buffers: { x, prefix, counts, nan }, parameters: { rows, firstRow } }).done,
  );
  rejectNanRows(await device.download(nan, new Uint32Array(columns)), source.sites);
  return await device.download(counts, new Uint32Array(columns * 256));
}
