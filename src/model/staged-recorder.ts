import type { OperandDescription } from "../device/kernel.js";
import { type Parameter, Recorder, type Value } from "../device/plan.js";
import { gatherRowsKernel } from "../kernels/gather-rows.js";
import type { Descent } from "./descent.js";

/** How the rows of a stage follow from those of the stage before. */
export interface Move {
  /** For each row of the new stage, the row that it goes on from. */
  readonly index: Value;
  /** For each row of the new stage, the row of the first stage that it comes from; null where nobody asks for it. */
  readonly origin: Value | null;
  readonly rows: Parameter;
  /** Rows of the stage before. */
  readonly sourceRows: Parameter;
  /** The most rows that there may be. */
  readonly capacity: number;
}

/** What was noted of a matrix, and in which stage. */
interface Noted {
  readonly value: Value;
  readonly descent: Descent;
  readonly stage: number;
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
  readonly #descents = new Map<Value["root"], Noted>();

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

  /** For each row of the present stage, the row of the first one that it comes from; null in the first, and where more copies have joined. */
  get origin(): Value | null {
    return this.#moves[this.#present - 1]?.origin ?? null;
  }

  /** Says what the rows of a whole matrix of the first stage have become in the present one. */
  continueAs({ root }: Value, here: Value): void {
    if (root.kind === "temporary") this.#moved.set(root.id, here);
  }

  /** Notes how the rows of a whole matrix follow from those of the first stage; it holds until someone overwrites them. */
  descend(value: Value, descent: Descent): void {
    this.#descents.set(value.root, { value, descent, stage: this.#present });
  }

  /**
   * What was noted of a matrix, or of the one that it is some rows of; null where the present rows are others than those it
   * was noted of, but for rows that were noted to differ little: that holds of all copies, as long as no others join them.
   */
  descentOf({ root, offset, shape, strides }: Value): Descent | null {
    const noted = this.#descents.get(root);
    if (!noted || this.#present === 0) return null;
    const { value, descent, stage } = noted;
    const whole = shape[1] === value.shape[1] && (offset.constant - value.offset.constant) % strides[0]! === 0;
    const joined = this.#moves.slice(stage, this.#present).some(({ origin }) => !origin);
    return whole && !joined && (descent.kind === "changed" || stage === this.#present) ? descent : null;
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

  /** Memory whose rows are the same at every stage: those of an encoder's tokens, or of changed neurons. */
  lasting(...[type, shape]: Parameters<Recorder["temporary"]>): Value {
    return super.temporary(type, shape);
  }

  override record: Recorder["record"] = (kernel, operands, ...rest) => {
    const given = Object.entries<Value | undefined>(operands);
    const here = given.map(([name, value]) => [name, value && this.here(value)]);
    super.record(kernel, Object.fromEntries(here), ...rest);
    const descriptions: Readonly<Record<string, OperandDescription>> = kernel.operands;
    for (const [name, value] of given) {
      if (value && descriptions[name]!.access !== "read") this.#descents.delete(value.root);
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
