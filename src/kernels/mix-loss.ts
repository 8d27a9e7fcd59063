import { ArgumentError } from "../core/errors.js";
import type { Device } from "../device/device.js";
import { describeKernel } from "../device/kernel.js";
import type { MixRowsInput } from "./mix-rows.js";
import { given, runOnce, wanted } from "./run-once.js";
import type { TokenLoss } from "./token-loss.js";

/**
 * −ln p of each row's target, in nats, and the likeliest column (the lowest of equals), of logits that are weighted sums
 * of two rows each, as `mixRowsKernel` makes them: neither logits nor softmax are stored. Rows whose target is 2³² − 1
 * give 0 and 0.
 *
 * Rows past the `sourceRows` rows of x are an error on native and count as zeros on a GPU.
 */
export const mixLossKernel = describeKernel({
  name: "mix-loss",
  operands: {
    x: { type: "f32", access: "read" },
    index: { type: "u32", access: "read" },
    shares: { type: "f32", access: "read" },
    bias: { type: "f32", access: "read", optional: true },
    targets: { type: "u32", access: "read" },
    loss: { type: "f32", access: "write" },
    best: { type: "u32", access: "write", optional: true },
  },
  parameters: { rows: "u32", width: "u32", sourceRows: "u32" },
  groups: ({ rows }) => rows,
  axes: { rows: { index: 0, shares: 0, targets: 0, loss: 0, best: 0 }, sourceRows: { x: 0 } },
  whole: ["sourceRows"],
});

export interface MixLossInput extends MixRowsInput {
  /** A column per row, or 2³² − 1. */
  readonly targets: Uint32Array;
}

/**
 * Losses and likeliest columns of sums of two weighted rows.
 *
 * @throws ArgumentError for a row that x lacks, or a target that is neither a column nor 2³² − 1
 */
export async function mixLoss(device: Device, input: MixLossInput): Promise<TokenLoss> {
  const { x, width, index, shares, bias, targets } = input;
  const [rows, sourceRows] = [targets.length, Math.floor(x.length / width)];
  const stranger = index.find((row) => row >= sourceRows);
  if (stranger !== undefined) throw new ArgumentError("index", `rows below ${sourceRows}`, stranger);
  const far = targets.find((target) => target >= width && target !== 0xffffffff);
  if (far !== undefined) throw new ArgumentError("targets", `columns below ${width}`, far);
  const operands = {
    x: given(x, [sourceRows, width], "x"),
    index: given(index, [rows, 2], "index"),
    shares: given(shares, [rows, 2], "shares"),
    ...(bias && { bias: given(bias, [width], "bias") }),
    targets: given(targets, [rows]),
    loss: wanted("f32", [rows]),
    best: wanted("u32", [rows]),
  };
  const { loss, best } = await runOnce(device, mixLossKernel, operands, { rows, width, sourceRows });
  return { loss: loss as Float32Array, best: best as Uint32Array };
}
