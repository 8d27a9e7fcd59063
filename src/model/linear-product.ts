import type { DeviceBuffer } from "../device/device.js";
import type { Parameter, Value } from "../device/plan.js";
import { addKernel } from "../kernels/add.js";
import type { PreparedWeight } from "../kernels/pack.js";
import { productKernel, productOptions } from "../kernels/product.js";
import { type Activation, fusedActivation, recordActivation } from "./activation.js";
import type { Recording } from "./recording.js";

/** x · W + b on a device, its weight packed for products. */
export interface Linear {
  readonly inputs: number;
  readonly outputs: number;
  readonly weight: PreparedWeight;
  readonly bias: DeviceBuffer | null;
}

/** What a product does besides. */
export interface LinearEpilogue {
  readonly activation?: Activation;
  /** Added after the activation. */
  readonly residual?: Value;
  /** Where the result goes; left out: new memory. */
  readonly out?: Value;
  /** Rows that are computed; left out: all tokens. */
  readonly rows?: Parameter | number;
}

/** Records activation(x · W + b) + residual, every row by itself: rows × outputs. */
export function recordProduct(run: Recording, x: Value, linear: Linear, epilogue: LinearEpilogue = {}): Value {
  const { activation = "identity", residual, rows = run.tokens } = epilogue;
  const { inputs, outputs, weight, bias } = linear;
  const fused = fusedActivation(activation);
  const out = epilogue.out ?? run.temporary(outputs, run.recorder.here(x).shape[0]!);
  run.recorder.record(
    productKernel,
    {
      a: x,
      b: weight.value(run.recorder),
      ...(bias && { bias: run.constant(bias, [outputs]) }),
      ...(residual && fused && { residual }),
      out,
    },
    { rows, inner: inputs, columns: outputs },
    productOptions({ layout: weight.layout, activation: fused ?? "none" }),
  );
  if (!fused) finishProduct(run, out, { ...epilogue, rows });
  return out;
}

/** Records activation(out) + residual, in place. */
export function finishProduct(
  run: Recording,
  out: Value,
  { activation, residual, rows = run.tokens }: LinearEpilogue,
): void {
  if (activation && activation !== "identity") recordActivation(run, out, activation, rows);
  if (residual) run.recorder.record(addKernel, { y: residual, out }, { rows, width: out.shape[1]!, scale: 1 });
}
