import type { DeviceBuffer } from "../device/device.js";
import { columnsOf, rowsOf, type Value } from "../device/plan.js";
import { addKernel } from "../kernels/add.js";
import { embeddingKernel } from "../kernels/embedding.js";
import { gatherRowsKernel } from "../kernels/gather-rows.js";
import { layerNormKernel } from "../kernels/layer-norm.js";
import { rmsNormKernel } from "../kernels/rms-norm.js";
import { type Activation, recordActivated, recordGate } from "./activation.js";
import { type Linear, recordLinear } from "./linear.js";
import { noteNorm, noteSum } from "./mixed-norm.js";
import type { BodyOutput } from "./network.js";
import type { Recording } from "./recording.js";
import type { Weights } from "./weights.js";

/** Rows of numbers that ids choose. */
export interface Table {
  readonly rows: number;
  readonly width: number;
  readonly buffer: DeviceBuffer;
  /** Rows of the buffer that stand before the first one. */
  readonly skipped?: number;
  /** What the rows are multiplied by; default 1. */
  readonly scale?: number;
}

/**
 * Loads a table.
 *
 * @param skipped rows that the tensor has before the `rows` that ids choose
 * @throws FileError if it is missing or has another shape
 */
export async function loadTable(
  weights: Weights,
  name: string,
  rows: number,
  width: number,
  skipped = 0,
): Promise<Table> {
  return { rows, width, skipped, buffer: await weights.load(name, [skipped + rows, width]) };
}

/** A table as an operand. */
export function tableValue(run: Recording, { rows, width, buffer, skipped = 0 }: Table): Value {
  return rowsOf(run.constant(buffer, [skipped + rows, width]), skipped, rows);
}

/** Records the sum of each token's rows as the site `embed`. */
export function recordEmbedding(run: Recording, words: Table, positions?: Table): Value {
  const x = recordTables(run, words, positions);
  run.site("embed", x);
  return x;
}

/** Records the sum of each token's rows: word, and position and token type where there are such tables. */
export function recordTables(run: Recording, words: Table, positions?: Table, types?: Table): Value {
  const out = run.temporary(words.width);
  run.recorder.record(
    embeddingKernel,
    {
      ids: run.field("ids"),
      table: tableValue(run, words),
      ...(positions && { positions: run.field("positions"), positionTable: tableValue(run, positions) }),
      ...(types && { types: run.field("types"), typeTable: tableValue(run, types) }),
      out,
    },
    {
      rows: run.tokens,
      width: words.width,
      vocabulary: words.rows,
      positionCount: positions?.rows ?? 0,
      typeCount: types?.rows ?? 0,
      scale: words.scale ?? 1,
    },
  );
  return out;
}

/** Records one row of a table per token, chosen by a field of the batch. */
export function recordRows(run: Recording, table: Table, field: string): Value {
  const out = run.temporary(table.width);
  run.recorder.record(
    gatherRowsKernel,
    { x: tableValue(run, table), index: run.field(field), out },
    { rows: run.tokens, width: table.width, sourceRows: table.rows },
  );
  return out;
}

/** A norm with its numbers: RMS norms have no bias. */
export interface Norm {
  readonly width: number;
  readonly epsilon: number;
  readonly weight: DeviceBuffer;
  readonly bias: DeviceBuffer | null;
}

/** Loads NAME.weight and NAME.bias. */
export async function loadLayerNorm(weights: Weights, name: string, width: number, epsilon: number): Promise<Norm> {
  const weight = await weights.load(`${name}.weight`, [width]);
  return { width, epsilon, weight, bias: await weights.load(`${name}.bias`, [width]) };
}

/**
 * Loads NAME.weight.
 *
 * @param offset what is added to the weights: 1 where the file has them as differences from one
 */
export async function loadRmsNorm(
  weights: Weights,
  name: string,
  width: number,
  epsilon: number,
  offset = 0,
): Promise<Norm> {
  if (offset === 0) return { width, epsilon, weight: await weights.load(`${name}.weight`, [width]), bias: null };
  const values = (await weights.read(`${name}.weight`, [width])).map((value) => offset + value);
  return { width, epsilon, weight: weights.keep(weights.device.upload(values)), bias: null };
}

/**
 * Records the norm of x; an RMS norm narrower than the rows norms each piece of its width.
 *
 * @param rows which count rows there are; all tokens where left out
 */
export function recordNorm(run: Recording, x: Value, norm: Norm, { rows = run.tokens }: NormInput = {}): Value {
  const { width, epsilon } = norm;
  const columns = x.shape[1]!;
  const out = run.temporary(columns, run.recorder.here(x).shape[0]!);
  const operands = { x, weight: run.constant(norm.weight, [width]), out };
  if (norm.bias === null) {
    run.recorder.record(rmsNormKernel, operands, { rows, width, segments: columns / width, epsilon });
  } else {
    const bias = run.constant(norm.bias, [width]);
    run.recorder.record(layerNormKernel, { ...operands, bias }, { rows, width, epsilon });
  }
  noteNorm(run, x, out, norm);
  return out;
}

/** Records the norm behind the last layer of a pre-norm model, as the site `final`. */
export function recordFinal(run: Recording, x: Value, norm: Norm): BodyOutput {
  const last = recordNorm(run, x, norm);
  run.site("final", last);
  return { last, residual: x };
}

interface NormInput {
  readonly rows?: Recording["tokens"];
}

/** Records x + y, all tokens. */
export function recordSum(run: Recording, x: Value, y: Value): Value {
  const width = x.shape[1]!;
  const out = run.temporary(width);
  run.recorder.record(addKernel, { x, y, out }, { rows: run.tokens, width, scale: 1 });
  noteSum(run, x, y, out);
  return out;
}

/** Records a projection that is a site, and its sum with the residual stream; in one step where nobody looks at it. */
export function recordProjection(run: Recording, site: string, x: Value, linear: Linear, residual: Value): Value {
  if (!run.needs(site)) return recordLinear(run, x, linear, { residual });
  const out = recordLinear(run, x, linear);
  run.site(site, out);
  return recordSum(run, residual, out);
}

/** Records the sites `mlp.pre` and `mlp.hidden` of an MLP without a gate; in one step where nobody looks between. */
export function recordHidden(run: Recording, at: string, x: Value, up: Linear, activation: Activation): Value {
  const pre = `${at}.mlp.pre`;
  const together = !run.needs(pre);
  const hidden = recordLinear(run, x, up, together ? { activation } : {});
  if (!together) {
    run.site(pre, hidden);
    recordActivated(run, hidden, activation);
  }
  run.site(`${at}.mlp.hidden`, hidden);
  return hidden;
}

/** Records the sites `mlp.gate`, `mlp.pre` and `mlp.hidden` of a gated MLP: activation(gate) · pre. */
export function recordGated(run: Recording, at: string, x: Value, gateAndUp: Linear, activation: Activation): Value {
  const width = gateAndUp.outputs / 2;
  const both = recordLinear(run, x, gateAndUp);
  const [gate, up] = [columnsOf(both, 0, width), columnsOf(both, width, width)];
  run.site(`${at}.mlp.gate`, gate);
  run.site(`${at}.mlp.pre`, up);
  const out = recordGate(run, gate, up, activation);
  run.site(`${at}.mlp.hidden`, out);
  return out;
}
