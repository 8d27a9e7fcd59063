import { type Offset, Recorder, type Step, type Value } from "./plan.js";

/** A plan in two that run one behind the other: the second reads what the first left, and may run again without it. */
export interface DividedPlan {
  /** The steps that hang on settled inputs alone. */
  readonly settled: Recorder;
  readonly rest: Recorder;
  /** What the first part leaves: an external value of both, of so many elements. */
  readonly left: ReadonlyMap<string, number>;
}

/** What stays the same from one submit to the next. */
export interface SettledInputs {
  readonly holds: (external: Value) => boolean;
  readonly counts: (parameter: string) => boolean;
}

/** Divides a plan by what its steps hang on; those of a part stay in their order. Both parts have all parameters. */
export function dividePlan(recorder: Recorder, inputs: SettledInputs): DividedPlan {
  const early = settledSteps(recorder.steps, inputs);
  const first = recorder.steps.filter((_, i) => early[i]);
  const second = recorder.steps.filter((_, i) => !early[i]);
  const read = new Set(second.flatMap((step) => temporariesOf(step)));
  const between = new Set(first.flatMap((step) => writtenBy(step)).filter((id) => read.has(id)));
  const left = new Map<string, number>();
  const place = (value: Value): Value => {
    const { root } = value;
    if (root.kind !== "temporary" || !between.has(root.id)) return value;
    const name = `left ${root.id}`;
    left.set(name, root.elements);
    return { ...value, root: { kind: "external", name, elements: root.elements } };
  };
  return { settled: partOf(recorder, first, place), rest: partOf(recorder, second, place), left };
}

/**
 * Whether each step hangs on settled inputs alone and may run before all that do not: these write none of its memory, and
 * have read nothing there before.
 */
function settledSteps(steps: readonly Step[], inputs: SettledInputs): boolean[] {
  const known = steps.map((step) => {
    return { given: readsSettled(step, inputs), used: temporariesOf(step), written: writtenBy(step) };
  });
  const unsettled = new Set<number>();
  for (;;) {
    const count = unsettled.size;
    const read = new Set<number>();
    const early = known.map(({ given, used, written }) => {
      if (given && !used.some((id) => unsettled.has(id)) && !written.some((id) => read.has(id))) return true;
      for (const id of written) unsettled.add(id);
      for (const id of used) read.add(id);
      return false;
    });
    if (unsettled.size === count) return early;
  }
}

/** Whether what a step is given is settled, whatever the temporaries that it reads. */
function readsSettled(step: Step, { holds, counts }: SettledInputs): boolean {
  const known = ({ parameter }: Pick<Offset, "parameter">) => parameter === undefined || counts(parameter);
  if (!step.parameters.every((number) => typeof number === "number" || known(number))) return false;
  return step.operands.every((value, i) => {
    if (value === null) return true;
    if (!known(value.offset)) return false;
    if (value.root.kind === "temporary") return true;
    return accessOf(step, i) === "read" && (value.root.kind === "constant" || holds(value));
  });
}

function partOf(whole: Recorder, steps: readonly Step[], place: (value: Value) => Value): Recorder {
  const part = new Recorder();
  for (const name of whole.parameters) part.parameter(name);
  for (const step of steps) {
    const operands = step.operands.map((value) => value && place(value));
    for (const value of operands) if (value?.root.kind === "external") part.externals.set(value.root.name, value.type);
    part.steps.push({ ...step, operands });
  }
  return part;
}

function accessOf({ kernel }: Step, operand: number): "read" | "write" | "update" {
  return Object.values(kernel.operands)[operand]!.access;
}

/** The numbers of the temporaries that a step names. */
function temporariesOf({ operands }: Step): number[] {
  return operands.flatMap((value) => (value?.root.kind === "temporary" ? [value.root.id] : []));
}

function writtenBy(step: Step): number[] {
  const written = step.operands.map((value, i) => (accessOf(step, i) === "read" ? null : value));
  return temporariesOf({ ...step, operands: written });
}
