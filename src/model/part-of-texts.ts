import type { Device, DeviceBuffer, Fence } from "../device/device.js";
import { type DividedPlan, dividePlan, type SettledInputs } from "../device/divided-plan.js";
import type { Plan, Recorder } from "../device/plan.js";
import type { PlanInputs } from "./plan-inputs.js";
import type { PlanRequest } from "./plan-request.js";
import type { Recording } from "./recording.js";

/**
 * A plan for copies of texts in two: what hangs on the texts alone, as far as copies have not parted from them and what is
 * known of them beyond, and the rest. Null for other plans.
 */
export function divideByTexts({ recorder, inputs }: Recording, { forkedAt }: PlanRequest): DividedPlan | null {
  if (forkedAt === null) return null;
  const divided = dividePlan(recorder, settledBy(inputs));
  return divided.settled.steps.length > 0 ? divided : null;
}

/** Texts that have copies go on from no state: it is zeros. */
function settledBy(inputs: PlanInputs): SettledInputs {
  return {
    holds: ({ root, offset }) => {
      if (root.kind !== "external") return false;
      return root.name.endsWith("state") || (root.name === "inputs" && isOfTexts(inputs.fieldAt(offset.constant)));
    },
    counts: isOfTexts,
  };
}

/** Whether a field or parameter is of texts, or of their sources, and no copy's. */
function isOfTexts(name: string): boolean {
  return name.startsWith("texts ") || name.startsWith("source ") || name === "longest";
}

/** The numbers that a batch gives a plan. */
interface Numbers {
  readonly parameters: Readonly<Record<string, number>>;
  /** The whole numbers that were written to the plan's inputs. */
  readonly inputs: Uint32Array;
}

/** What a batch gives a plan. */
export interface Given extends Numbers {
  readonly buffers: Readonly<Record<string, DeviceBuffer>>;
}

/** The part of a plan that hangs on texts alone, and the memory in which it leaves what their copies go on from. */
export class PartOfTexts implements Disposable {
  readonly left: Readonly<Record<string, DeviceBuffer>>;
  readonly #plan: Plan;
  readonly #ranges: readonly (readonly [first: number, end: number])[];
  readonly #parameters: readonly string[];
  /** What it left is of this. */
  #latest: Numbers | null = null;

  constructor(
    readonly device: Device,
    readonly recorder: Recorder,
    inputs: PlanInputs,
    left: DividedPlan["left"],
  ) {
    this.#plan = device.plan(recorder);
    this.left = Object.fromEntries([...left].map(([name, elements]) => [name, device.allocate(elements * 4)]));
    this.#ranges = inputs.names.filter(isOfTexts).map((name) => inputs.rangeOf(name));
    this.#parameters = recorder.parameters.filter(isOfTexts);
  }

  /** Runs it for a batch. @returns null where the latest batch was of the same texts: what it left is there */
  submit(given: Given): Fence | null {
    if (this.#latest && this.#haveSameTexts(this.#latest, given)) return null;
    const fence = this.device.submit(this.#plan, bindingsOf(this.recorder, given, this.left));
    this.#latest = { parameters: given.parameters, inputs: given.inputs };
    fence.done.catch(() => {
      this.#latest = null; // whoever waits or downloads is told
    });
    return fence;
  }

  [Symbol.dispose](): void {
    this.#plan[Symbol.dispose]();
    for (const buffer of Object.values(this.left)) buffer[Symbol.dispose]();
  }

  #haveSameTexts(before: Numbers, now: Numbers): boolean {
    if (this.#parameters.some((name) => before.parameters[name] !== now.parameters[name])) return false;
    return this.#ranges.every(([first, end]) => {
      for (let i = first; i < end; i++) if (before.inputs[i] !== now.inputs[i]) return false;
      return true;
    });
  }
}

/** What a part of a plan is submitted with: those of the buffers that it names. */
export function bindingsOf(
  part: Recorder,
  { buffers, parameters }: Given,
  left: Readonly<Record<string, DeviceBuffer>>,
) {
  const own = Object.entries({ ...buffers, ...left }).filter(([name]) => part.externals.has(name));
  return { buffers: Object.fromEntries(own), parameters };
}
