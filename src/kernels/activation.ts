import type { Device } from "../device/device.js";
import { describeKernel } from "../device/kernel.js";
import { given, runOnce, wanted } from "./run-once.js";

/** Nonlinearities; a kind's number is the kernel's option. The first five are a dense product's epilogues too. */
export const activationKinds = [
  "identity",
  "gelu",
  "gelu-tanh",
  "silu",
  "relu",
  "tanh",
  "sigmoid",
  "quick-gelu",
  "squared-relu",
] as const;
export type ActivationKind = (typeof activationKinds)[number];

/** out = f(x) · up, or f(x) where `up` is left out; in place on `out` where x is left out. */
export const activationKernel = describeKernel({
  name: "activation",
  operands: {
    x: { type: "f32", access: "read", optional: true },
    up: { type: "f32", access: "read", optional: true },
    out: { type: "f32", access: "update" },
  },
  parameters: { rows: "u32", width: "u32" },
  options: ["kind"],
  groups: ({ rows, width }) => Math.ceil((rows * width) / 256),
  axes: { rows: { x: 0, up: 0, out: 0 } },
});

/** f(x), element by element, times `up` where it is given. @throws ArgumentError if up is not as long as x */
export async function activation(
  device: Device,
  kind: ActivationKind,
  x: Float32Array,
  up?: Float32Array,
): Promise<Float32Array> {
  const shape = [1, x.length];
  const operands = { x: given(x, shape), ...(up && { up: given(up, shape, "up") }), out: wanted("f32", shape) };
  const parameters = { rows: 1, width: x.length };
  const { out } = await runOnce(device, activationKernel, operands, parameters, {
    kind: activationKinds.indexOf(kind),
  });
  return out as Float32Array;
}
