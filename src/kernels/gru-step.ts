import type { Device } from "../device/device.js";
import { describeKernel } from "../device/kernel.js";
import { checkIndex } from "./lstm-step.js";
import { given, runOnce, wanted } from "./run-once.js";

/** Parts of a recurrent step, added up to its option: all of it, or pieces between which interventions stand. */
export const gruParts = { gates: 1, candidate: 2, hidden: 4, all: 7 } as const;

/**
 * One time step of a gated recurrent unit (Cho et al. 2014) as torch computes it, gates in the order r, z, n:
 * r, z = σ(input + recurrent + bias); n = tanh(input + r·(recurrent + bias)); hidden = (1 − z)·n + z·hidden.
 *
 * `bias` is the recurrent one; the input's belongs to `input`. `hidden` is updated in place; `hiddens` receives
 * a copy (rows of a time-major matrix), `gates` the three gates after their nonlinearity. With fewer `parts`,
 * gates are read from `gates`. `recurrent` is left out at a first step from nothing. Where the option `indexed` is 1, row
 * i reads row index[i] of `input`, which has `inputRows` rows that several may share.
 */
export const gruStepKernel = describeKernel({
  name: "gru-step",
  operands: {
    input: { type: "f32", access: "read", optional: true },
    recurrent: { type: "f32", access: "read", optional: true },
    bias: { type: "f32", access: "read", optional: true },
    hidden: { type: "f32", access: "update", optional: true },
    gates: { type: "f32", access: "update", optional: true },
    hiddens: { type: "f32", access: "write", optional: true },
    index: { type: "u32", access: "read", optional: true },
  },
  parameters: { rows: "u32", width: "u32", inputRows: "u32" },
  options: ["parts", "indexed"],
  groups: ({ rows, width }) => Math.ceil((rows * width) / 256),
  axes({ indexed }) {
    const rows = { recurrent: 0, hidden: 0, gates: 0, hiddens: 0 };
    return indexed ? { rows: { ...rows, index: 0 }, inputRows: { input: 0 } } : { rows: { ...rows, input: 0 } };
  },
  whole: ["inputRows"],
});

export interface GruStepInput {
  /** The input's projection with its bias, rows × 3·width; with `index` any number of rows. */
  readonly input: Float32Array;
  /** The row of `input` that each row reads; left out: its own. */
  readonly index?: Uint32Array;
  /** The previous hidden state's projection, rows × 3·width; left out: zeros. */
  readonly recurrent?: Float32Array;
  /** The recurrent bias, 3·width numbers. */
  readonly bias?: Float32Array;
  /** The previous hidden state, rows × width. */
  readonly hidden: Float32Array;
}

export interface GruStep {
  readonly hidden: Float32Array;
  /** rows × 3·width: r, z, n after their nonlinearity. */
  readonly gates: Float32Array;
}

/**
 * One step of a GRU with `width` units for as many rows as `hidden` has.
 *
 * @throws ArgumentError for an index past the rows of `input`
 */
export async function gruStep(device: Device, width: number, step: GruStepInput): Promise<GruStep> {
  const rows = Math.floor(step.hidden.length / width);
  const three = [rows, 3 * width];
  const inputRows = checkIndex(step, 3 * width, rows);
  const { hidden, gates } = await runOnce(
    device,
    gruStepKernel,
    {
      input: given(step.input, [inputRows, 3 * width], "input"),
      ...(step.index && { index: given(step.index, [rows], "index") }),
      ...(step.recurrent && { recurrent: given(step.recurrent, three, "recurrent") }),
      ...(step.bias && { bias: given(step.bias, [3 * width], "bias") }),
      hidden: given(step.hidden, [rows, width], "hidden"),
      gates: wanted("f32", three),
    },
    { rows, width, inputRows },
    { parts: gruParts.all, indexed: step.index ? 1 : 0 },
  );
  return { hidden: hidden as Float32Array, gates: gates as Float32Array };
}
