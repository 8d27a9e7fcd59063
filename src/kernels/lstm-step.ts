import { ArgumentError } from "../core/errors.js";
import type { Device } from "../device/device.js";
import { describeKernel } from "../device/kernel.js";
import { given, runOnce, wanted } from "./run-once.js";

/** Parts of a recurrent step, added up to its option: all of it, or pieces between which interventions stand. */
export const lstmParts = { gates: 1, cell: 2, hidden: 4, all: 7 } as const;

/**
 * One time step of long short-term memory (Hochreiter and Schmidhuber 1997), gates in torch's order i, f, g, o:
 * i, f, o = σ(…), g = tanh(…) of input + recurrent; cell = f·cell + i·g; hidden = o·tanh(cell).
 *
 * `cell` is updated in place, `hidden` is written; `hiddens` and `cells` receive copies (rows of a time-major
 * matrix), `gates` the four gates after their nonlinearity. With fewer `parts`, gates and cell are read from
 * their operands. `recurrent` is left out at a first step from nothing. Where the option `indexed` is 1, row i reads
 * row index[i] of `input`, which has `inputRows` rows that several may share.
 */
export const lstmStepKernel = describeKernel({
  name: "lstm-step",
  operands: {
    input: { type: "f32", access: "read", optional: true },
    recurrent: { type: "f32", access: "read", optional: true },
    index: { type: "u32", access: "read", optional: true },
    cell: { type: "f32", access: "update", optional: true },
    hidden: { type: "f32", access: "write", optional: true },
    gates: { type: "f32", access: "update", optional: true },
    hiddens: { type: "f32", access: "write", optional: true },
    cells: { type: "f32", access: "write", optional: true },
  },
  parameters: { rows: "u32", width: "u32", inputRows: "u32" },
  options: ["parts", "indexed"],
  groups: ({ rows, width }) => Math.ceil((rows * width) / 256),
  axes({ indexed }) {
    const rows = { recurrent: 0, cell: 0, hidden: 0, gates: 0, hiddens: 0, cells: 0 };
    return indexed ? { rows: { ...rows, index: 0 }, inputRows: { input: 0 } } : { rows: { ...rows, input: 0 } };
  },
  whole: ["inputRows"],
});

export interface LstmStepInput {
  /** The input's projection with its bias, rows × 4·width; with `index` any number of rows. */
  readonly input: Float32Array;
  /** The row of `input` that each row reads; left out: its own. */
  readonly index?: Uint32Array;
  /** The previous hidden state's projection, rows × 4·width; left out: zeros. */
  readonly recurrent?: Float32Array;
  /** The previous cell, rows × width. */
  readonly cell: Float32Array;
}

export interface LstmStep {
  readonly hidden: Float32Array;
  readonly cell: Float32Array;
  /** rows × 4·width: i, f, g, o after their nonlinearity. */
  readonly gates: Float32Array;
}

/**
 * One step of an LSTM with `width` units for as many rows as `cell` has.
 *
 * @throws ArgumentError for an index past the rows of `input`
 */
export async function lstmStep(device: Device, width: number, step: LstmStepInput): Promise<LstmStep> {
  const rows = Math.floor(step.cell.length / width);
  const state = [rows, width];
  const four = [rows, 4 * width];
  const inputRows = checkIndex(step, 4 * width, rows);
  const { hidden, cell, gates } = await runOnce(
    device,
    lstmStepKernel,
    {
      input: given(step.input, [inputRows, 4 * width], "input"),
      ...(step.index && { index: given(step.index, [rows], "index") }),
      ...(step.recurrent && { recurrent: given(step.recurrent, four, "recurrent") }),
      cell: given(step.cell, state, "cell"),
      hidden: wanted("f32", state),
      gates: wanted("f32", four),
    },
    { rows, width, inputRows },
    { parts: lstmParts.all, indexed: step.index ? 1 : 0 },
  );
  return { hidden: hidden as Float32Array, cell: cell as Float32Array, gates: gates as Float32Array };
}

/** The rows of input that a step reads. @throws ArgumentError for an index past them */
export function checkIndex(
  { input, index }: { readonly input: Float32Array; readonly index?: Uint32Array },
  width: number,
  rows: number,
): number {
  if (!index) return rows;
  const inputRows = Math.floor(input.length / width);
  const stranger = index.find((row) => row >= inputRows);
  if (stranger !== undefined) throw new ArgumentError("index", `rows of input below ${inputRows}`, stranger);
  return inputRows;
}
