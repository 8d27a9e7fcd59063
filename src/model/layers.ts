import type { DeviceBuffer } from "../device/device.js";
import { columnsOf, type Value } from "../device/plan.js";
import { activationKernel, activationKinds } from "../kernels/activation.js";
import { addKernel } from "../kernels/add.js";
import { embeddingKernel } from "../kernels/embedding.js";
import { layerNormKernel } from "../kernels/layer-norm.js";
import { rmsNormKernel } from "../kernels/rms-norm.js";
import type { Activation } from "./config.js";
import { type Linear, recordLinear } from "./linear.js";
import type { BodyOutput } from "./network.js";
import type { Recording } from "./recording.js";
import type { Weights } from "./weights.js";

/** Rows of numbers that ids choose. */
export interface Table {
  readonly rows: number;
  readonly width: number;
  readonly buffer: DeviceBuffer;
}

/** Loads a table. @throws FileError if it is missing or has another shape */
export async function loadTable(weights: Weights, name: string, rows: number, width: number): Promise<Table> {
  return { rows, width, buffer: await weights.load(name, [rows, width]) };
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
      table: run.constant(words.buffer, [words.rows, words.width]),
      ...(positions && {
        positions: run.field("positions"),
        positionTable: run.constant(positions.buffer, [positions.rows, positions.width]),
      }),
      ...(types && { types: run.field("types"), typeTable: run.constant(types.buffer, [types.rows, types.width]) }),
      out,
    },
    {
      rows: run.tokens,
      width: words.width,
      vocabulary: words.rows,
      positionCount: positions?.rows ?? 0,
      typeCount: types?.rows ?? 0,
      scale: 1,
    },
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

/** Loads NAME.weight. */
export async function loadRmsNorm(weights: Weights, name: string, width: number, epsilon: number): Promise<Norm> {
  return { width, epsilon, weight: await weights.load(`${name}.weight`, [width]), bias: null };
}

/** Records the norm of x, or of x + residual. @param rows which count rows there are; all tokens where left out */
export function recordNorm(
  run: Recording,
  x: Value,
  norm: Norm,
  { residual, rows = run.tokens }: NormInput = {},
): Value {
  const { width, epsilon } = norm;
  const out = run.temporary(width, x.shape[0]!);
  const operands = { x, ...(residual && { residual }), weight: run.constant(norm.weight, [width]), out };
  if (norm.bias === null) {
    run.recorder.record(rmsNormKernel, operands, { rows, width, segments: 1, epsilon });
  } else {
    const bias = run.constant(norm.bias, [width]);
    run.recorder.record(layerNormKernel, { ...operands, bias }, { rows, width, epsilon });
  }
  return out;
}

/** Records the norm behind the last layer of a pre-norm model, as the site `final`. */
export function recordFinal(run: Recording, x: Value, norm: Norm): BodyOutput {
  const last = recordNorm(run, x, norm);
  run.site("final", last);
  return { last, residual: x };
}

interface NormInput {
  readonly residual?: Value;
  readonly rows?: Recording["tokens"];
}

/** Records x + y, all tokens. */
export function recordSum(run: Recording, x: Value, y: Value): Value {
  const width = x.shape[1]!;
  const out = run.temporary(width);
  run.recorder.record(addKernel, { x, y, out }, { rows: run.tokens, width, scale: 1 });
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
  const fused = !run.needs(pre);
  const hidden = recordLinear(run, x, up, fused ? { activation } : {});
  if (!fused) {
    run.site(pre, hidden);
    recordActivation(run, hidden, activation);
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
  const out = run.temporary(width);
  run.recorder.record(activationKernel, { x: gate, up, out }, { rows: run.tokens, width }, { kind: activationKinds.indexOf(activation) }); // biome-ignore format: one line
  run.site(`${at}.mlp.hidden`, out);
  return out;
}

function recordActivation(run: Recording, x: Value, activation: Activation): void {
  const kind = activationKinds.indexOf(activation);
  run.recorder.record(activationKernel, { out: x }, { rows: run.tokens, width: x.shape[1]! }, { kind });
}
