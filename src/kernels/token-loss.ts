import { ArgumentError } from "../core/errors.js";
import type { Device } from "../device/device.js";
import { describeKernel } from "../device/kernel.js";
import { given, runOnce, wanted } from "./run-once.js";

/**
 * −ln p of each row's target under the softmax of its logits, in nats, and the likeliest column (the lowest of
 * equals), without storing the softmax. Rows whose target is 2³² − 1 give 0 and 0.
 */
export const tokenLossKernel = describeKernel({
  name: "token-loss",
  operands: {
    logits: { type: "f32", access: "read" },
    targets: { type: "u32", access: "read" },
    loss: { type: "f32", access: "write" },
    best: { type: "u32", access: "write", optional: true },
  },
  parameters: { rows: "u32", width: "u32" },
  groups: ({ rows }) => rows,
  axes: { rows: { logits: 0, targets: 0, loss: 0, best: 0 } },
});

export interface TokenLoss {
  readonly loss: Float32Array;
  readonly best: Uint32Array;
}

/**
 * Losses and likeliest columns of rows of logits.
 *
 * @param logits targets.length × width
 * @throws ArgumentError for a target that is neither a column nor 2³² − 1
 */
export async function tokenLoss(device: Device, logits: Float32Array, targets: Uint32Array): Promise<TokenLoss> {
  const rows = targets.length;
  const width = rows === 0 ? 0 : Math.floor(logits.length / rows);
  const stranger = targets.find((target) => target >= width && target !== 0xffffffff);
  if (stranger !== undefined) throw new ArgumentError("targets", `columns below ${width}`, stranger);
  const operands = {
    logits: given(logits, [rows, width], "logits"),
    targets: given(targets, [rows]),
    loss: wanted("f32", [rows]),
    best: wanted("u32", [rows]),
  };
  const { loss, best } = await runOnce(device, tokenLossKernel, operands, { rows, width });
  return { loss: loss as Float32Array, best: best as Uint32Array };
}
