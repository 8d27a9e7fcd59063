import { type Parameter, Recorder, type Value } from "../device/plan.js";
import { gatherRowsKernel } from "../kernels/gather-rows.js";

/** How the rows of a stage follow from those of the stage before. */
export interface Move {
  /** For each row of the new stage, the row that it goes on from. */
  readonly index: Value;
  readonly rows: Parameter;
  /** Rows of the stage before. */
  readonly sourceRows: Parameter;
  /** The most rows that there may be. */
  readonly capacity: number;
}

/**
 * A recorder whose steps run over other rows from some step on: over several copies of the rows so far, or over some of
 * them. Whoever goes on from a matrix of an earlier stage gets its rows as the present stage has them; they are
 * gathered once, where they are first asked for. Temporaries must have a row for every row of their stage.
 */
export class StagedRecorder extends Recorder {
  readonly #stages = new Map<number, number>();
  readonly #moved = new Map<number, Value>();
  readonly #moves: Move[] = [];
  readonly #named = new Map<string, Value>();

  /** All steps from here on run over other rows. */
  advance(move: Move): void {
    this.#moves.push(move);
  }

  /** The external value of a name, made where it is first asked for. */
  named(...[name, type, shape]: Parameters<Recorder["external"]>): Value {
    const known = this.#named.get(name) ?? this.external(name, type, shape);
    this.#named.set(name, known);
    return known;
  }

  override temporary(...[type, shape]: Parameters<Recorder["temporary"]>): Value {
    return this.#temporaryOf(this.#moves.length, type, shape);
  }

  override record: Recorder["record"] = (kernel, operands, ...rest) => {
    const here = Object.entries<Value | undefined>(operands).map(([name, value]) => [name, value && this.here(value)]);
    super.record(kernel, Object.fromEntries(here), ...rest);
  };

  #temporaryOf(stage: number, ...[type, shape]: Parameters<Recorder["temporary"]>): Value {
    const value = super.temporary(type, shape);
    if (value.root.kind === "temporary") this.#stages.set(value.root.id, stage);
    return value;
  }

  /** The same columns of a value, of the rows that the present stage has. */
  here(value: Value): Value {
    const { root } = value;
    const stage = root.kind === "temporary" ? this.#stages.get(root.id)! : this.#moves.length;
    if (root.kind !== "temporary" || stage === this.#moves.length) return value;
    const moved = this.#moved.get(root.id) ?? this.#move(value, stage);
    this.#moved.set(root.id, moved);
    return this.here({ ...value, root: moved.root, shape: [moved.shape[0]!, ...value.shape.slice(1)] });
  }

  /** Records that all columns of a matrix go on to the next stage. */
  #move({ root, strides, type }: Value, stage: number): Value {
    const { index, rows, sourceRows, capacity } = this.#moves[stage]!;
    const width = strides[0]!;
    const x = { type, root, strides: [width, 1], shape: [root.elements / width, width], offset: { constant: 0 } };
    const out = this.#temporaryOf(stage + 1, type, [capacity, width]);
    super.record(gatherRowsKernel, { x, index, out }, { rows, width, sourceRows });
    return out;
  }
}
