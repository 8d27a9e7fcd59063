import { columnsOf, type Value } from "../device/plan.js";
import { gatherRowsKernel } from "../kernels/gather-rows.js";
import { type Linear, prepareLinear, recordLinear } from "./linear.js";
import type { Recording } from "./recording.js";
import type { Cell } from "./recurrent-cell.js";
import type { StepState } from "./recurrent-steps.js";
import type { Weights } from "./weights.js";

/** How a decoder's first states follow from its encoder's last ones. */
export interface EncoderStates {
  readonly cell: Cell;
  /** Of a decoder's layer; both directions of the encoder's side by side. */
  readonly width: number;
  readonly layers: number;
  /** By vector (hidden state, cell) and decoder layer: maps of the states of all layers; null: states go on as they are. */
  readonly bridge: readonly (readonly Linear[])[] | null;
}

/**
 * Loads OpenNMT's bridge: `encoder.bridge.0` for hidden states and `encoder.bridge.1` for an LSTM's cells, nn.Linear of
 * the states of all layers side by side, with a ReLU behind it.
 */
export async function loadBridge(
  weights: Weights,
  { cell, width, layers }: Omit<EncoderStates, "bridge">,
): Promise<Linear[][]> {
  const total = layers * width;
  const bridge: Linear[][] = [];
  for (let vector = 0; vector < (cell === "lstm" ? 2 : 1); vector++) {
    const matrix = await weights.read(`encoder.bridge.${vector}.weight`, [total, total]);
    const bias = await weights.read(`encoder.bridge.${vector}.bias`, [total]);
    const part = (all: Float32Array, columns: number, n: number) =>
      all.slice(n * width * columns, (n + 1) * width * columns);
    bridge.push(
      Array.from({ length: layers }, (_, n) =>
        prepareLinear(weights, {
          matrix: part(matrix, total, n),
          bias: part(bias, 1, n),
          inputs: total,
          outputs: width,
        }),
      ),
    );
  }
  return bridge;
}

/** Records the states that a decoder's layers begin with, in the order of its time steps. */
export function recordEncoderStates(run: Recording, states: EncoderStates): StepState[] {
  const hidden = recordVector(run, states, "hidden");
  const cells = states.cell === "lstm" ? recordVector(run, states, "cell") : null;
  return hidden.map((state, n) => ({ hidden: state, cell: cells && cells[n]! }));
}

function recordVector(run: Recording, { width, layers, bridge }: EncoderStates, vector: keyof StepState): Value[] {
  const given = run.source!.lastStates.map((state) => state[vector]!);
  if (bridge) {
    const all = recordSideBySide(run, given, layers * width);
    const relu = { activation: "relu", rows: run.sequences } as const;
    return bridge[vector === "hidden" ? 0 : 1]!.map((linear) => recordLinear(run, all, linear, relu));
  }
  const passes = given.length / layers; // one, or both directions
  return Array.from({ length: layers }, (_, n) =>
    recordSideBySide(run, given.slice(n * passes, (n + 1) * passes), width),
  );
}

/** Records encoder states as columns of one matrix, in the order of the decoder's time steps. */
function recordSideBySide(run: Recording, states: readonly Value[], width: number): Value {
  const out = run.temporary(width, run.request.capacity.sequences);
  const own = width / states.length;
  const sizes = { rows: run.sequences, width: own, sourceRows: run.source!.sequences };
  states.forEach((x, i) => {
    run.recorder.record(gatherRowsKernel, { x, index: run.field("encoderStates"), out: columnsOf(out, i * own, own) }, sizes); // biome-ignore format: one line
  });
  return out;
}
