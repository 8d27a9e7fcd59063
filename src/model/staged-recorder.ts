import type { OperandDescription } from "../device/kernel.js";
import { type Parameter, Recorder, type Value } from "../device/plan.js";
import { gatherRowsKernel } from "../kernels/gather-rows.js";

/** How the rows of a stage follow from those of the stage before. */
export interface Move {
  /** For each row of the new stage, the row that it goes on from. */
  readonly index: Value;
  /** For each row of the new stage, the row of the first stage that it comes from. */
  readonly origin: Value;
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
  #present = 0;
  #parted: Value | null = null;

  /** All steps from here on run over other rows. */
  advance(move: Move): void {
    this.#moves.push(move);
    this.#present++;
  }

  /** Records steps over the rows of the first stage. */
  atFirst<T>(body: () => T): T {
    const present = this.#present;
    this.#present = 0;
    try {
      return body();
    } finally {
      this.#present = present;
    }
  }

  /** For each row of the present stage, the row of the first one that it comes from; null in the first. */
  get origin(): Value | null {
    return this.#moves[this.#present - 1]?.origin ?? null;
  }

  /** Later rows differ from those of the first stage in few columns of this matrix, until someone overwrites it. */
  part(value: Value): void {
    this.#parted = this.isOfFirst(value) ? value : null;
  }

  /** Whether that holds of a value. */
  differsLittle({ root, offset, shape }: Value): boolean {
    const parted = this.#present > 0 ? this.#parted : null;
    return parted?.root === root && parted.offset.constant === offset.constant && parted.shape[1] === shape[1];
  }

  /** Whether a value is memory of the first stage. */
  isOfFirst({ root }: Value): boolean {
    return root.kind === "temporary" && this.#stages.get(root.id) === 0;
  }

  /** The external value of a name, made where it is first asked for. */
  named(...[name, type, shape]: Parameters<Recorder["external"]>): Value {
    const known = this.#named.get(name) ?? this.external(name, type, shape);
    this.#named.set(name, known);
    return known;
  }

  override temporary(...[type, shape]: Parameters<Recorder["temporary"]>): Value {
    return this.#temporaryOf(this.#present, type, shape);
  }

  /** Memory whose rows are the same at every stage: those of an encoder's tokens. */
  lasting(...[type, shape]: Parameters<Recorder["temporary"]>): Value {
    return super.temporary(type, shape);
  }

  override record: Recorder["record"] = (kernel, operands, ...rest) => {
    const given = Object.entries<Value | undefined>(operands);
    const here = given.map(([name, value]) => [name, value && this.here(value)]);
    super.record(kernel, Object.fromEntries(here), ...rest);
    const descriptions: Readonly<Record<string, OperandDescription>> = kernel.operands;
    if (given.some(([name, value]) => value?.root === this.#parted?.root && descriptions[name]!.access !== "read")) {
      this.#parted = null;
    }
  };

  /** Records a step whose operands are of the stages that they were made in. */
  recordAcross: Recorder["record"] = (kernel, operands, ...rest) => super.record(kernel, operands, ...rest);

  /** Whether a value has the rows of an earlier stage. */
  isPast({ root }: Value): boolean {
    return root.kind === "temporary" && (this.#stages.get(root.id) ?? this.#present) !== this.#present;
  }

  #temporaryOf(stage: number, ...[type, shape]: Parameters<Recorder["temporary"]>): Value {
    const value = super.temporary(type, shape);
    if (value.root.kind === "temporary") this.#stages.set(value.root.id, stage);
    return value;
  }

  /** The same columns of a value, of the rows that the present stage has. */
  here(value: Value): Value {
    const { root } = value;
    const stage = root.kind === "temporary" ? this.#stages.get(root.id) : undefined;
    if (root.kind !== "temporary" || stage === undefined || stage === this.#present) return value;
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
