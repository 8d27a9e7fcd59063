import type { ActivationSource } from "../../activations/source.js";
import type { Device } from "../../device/device.js";
import { Recorder } from "../../device/plan.js";
import { bitCountsKernel } from "../../kernels/bit-counts.js";
import { type MaskCut, sourceMasks } from "../corpus/source-masks.js";
import type { MethodContext } from "../result.js";

/** The share of rows on which every neuron lies above a cut, in [0, 1]. @throws ArgumentError that names a NaN */
export async function sharesAbove(
  source: ActivationSource,
  device: Device,
  cut: MaskCut,
  context: MethodContext,
): Promise<Float64Array> {
  const { columns, rows } = source;
  using masks = await sourceMasks(source, device, cut, context);
  const recorder = new Recorder();
  const bits = recorder.external("bits", "u32", [columns, masks.words]);
  const operands = { bits, counts: recorder.external("counts", "u32", [columns]) };
  recorder.record(bitCountsKernel, operands, { rows: columns, words: masks.words });
  using plan = device.plan(recorder);
  using counts = device.allocate(columns * 4);
  device.submit(plan, { buffers: { bits: masks.buffer, counts } }).done.catch(() => {}); // reported by the download
  return Float64Array.from(await device.download(counts, new Uint32Array(columns)), (count) => count / rows);
}
