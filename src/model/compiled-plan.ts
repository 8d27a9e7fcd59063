import type { Device, DeviceBuffer } from "../device/device.js";
import type { Plan, Recorder } from "../device/plan.js";
import { assignSlots } from "../device/slots.js";
import { type Capacity, fits } from "./capacity.js";
import { type Network, recordBody } from "./network.js";
import { countOperations } from "./operations.js";
import { bindingsOf, divideByTexts, type Given, PartOfTexts } from "./part-of-texts.js";
import type { PlanRequest } from "./plan-request.js";
import { recordPredictions } from "./predictions.js";
import { Recording } from "./recording.js";

/** A recorded and compiled plan with the memory that its batches are written to. */
export class CompiledPlan implements Disposable {
  readonly recording: Recording;
  readonly inputs: DeviceBuffer;
  readonly vectors: DeviceBuffer | null;
  readonly #ofTexts: PartOfTexts | null;
  readonly #rest: Recorder;
  readonly #plan: Plan;

  constructor(
    readonly device: Device,
    network: Network,
    readonly request: PlanRequest,
  ) {
    this.recording = recordPlan(network, request);
    const { recorder, inputs } = this.recording;
    const divided = divideByTexts(this.recording, request);
    this.#ofTexts = divided && new PartOfTexts(device, divided.settled, inputs, divided.left);
    this.#rest = divided?.rest ?? recorder;
    this.#plan = device.plan(this.#rest);
    this.inputs = device.allocate(inputs.elements * 4);
    const { vectors } = request.capacity;
    this.vectors = vectors > 0 ? device.allocate(vectors * 4) : null;
  }

  /** Runs a batch; what hangs on its texts alone only where the latest batch was of others. @returns when it has run */
  submit(given: Given): Promise<unknown> {
    const ofTexts = this.#ofTexts?.submit(given);
    const rest = this.device.submit(this.#plan, bindingsOf(this.#rest, given, this.#ofTexts?.left ?? {}));
    return Promise.all([ofTexts?.done, rest.done]);
  }

  /** Multiplications and additions of a batch: all, and those that hang on its texts alone. */
  count(parameters: Given["parameters"]) {
    const ofTexts = countOperations(this.#ofTexts?.recorder.steps ?? [], parameters);
    return { all: ofTexts + countOperations(this.#rest.steps, parameters), ofTexts };
  }

  [Symbol.dispose](): void {
    this.#ofTexts?.[Symbol.dispose]();
    this.#plan[Symbol.dispose]();
    this.inputs[Symbol.dispose]();
    this.vectors?.[Symbol.dispose]();
  }
}

/** Records a plan; nothing is compiled and no memory taken. */
export function recordPlan(network: Network, request: PlanRequest): Recording {
  const recording = new Recording(request);
  const body = recordBody(recording, network);
  if (body) recordPredictions(recording, network, body);
  return recording;
}

/** Bytes that the compiled plan of a request would own. */
export function planBytes(network: Network, request: PlanRequest): number {
  const recording = recordPlan(network, request);
  const divided = divideByTexts(recording, request);
  const parts = divided ? [divided.settled, divided.rest] : [recording.recorder];
  const slots = parts.flatMap((part) => assignSlots(part).slots.map(({ elements }) => elements));
  const elements = [...slots, ...(divided?.left.values() ?? []), recording.inputs.elements, request.capacity.vectors];
  return 4 * elements.reduce((sum, count) => sum + count, 0);
}

/** Bytes of what a plan keeps for tokens to come, as long as no sequence becomes longer than the longest of the request. */
export function keptBytes(network: Network, request: PlanRequest): number {
  const { sequences, longest, sources, longestSource } = request.capacity;
  const kept = [...recordPlan(network, request).remembered.values()];
  return kept.reduce((sum, { width, ofSources }) => {
    return sum + 4 * width * (ofSources ? sources * longestSource : sequences * longest);
  }, 0);
}

/** Plans that stay compiled, each with its own memory: the least recently used goes first. */
export const mostPlans = 4;

/** Finds or makes the plan of a request. */
export class PlanCache implements Disposable {
  #plans: { readonly key: string; readonly plan: CompiledPlan }[] = [];

  constructor(
    readonly device: Device,
    readonly network: Network,
  ) {}

  /** @param need capacities of this batch; `request` has them rounded up, for a new plan */
  find(request: PlanRequest, need: Capacity): CompiledPlan {
    const key = keyOf(request);
    const stepwise = request.recurrence !== null;
    const found = this.#plans.find(
      ({ key: other, plan }) => other === key && fits(plan.request.capacity, need, stepwise),
    );
    const entry = found ?? { key, plan: new CompiledPlan(this.device, this.network, request) };
    this.#plans = [entry, ...this.#plans.filter((other) => other !== entry)];
    for (const { plan } of this.#plans.splice(mostPlans)) plan[Symbol.dispose]();
    return entry.plan;
  }

  [Symbol.dispose](): void {
    for (const { plan } of this.#plans.splice(0)) plan[Symbol.dispose]();
  }
}

function keyOf({
  captured,
  columns,
  pooling,
  intervened,
  scores,
  span,
  encoded,
  losses,
  compare,
  keepLogits,
  keepState,
  continues,
  given,
  parted,
  sharesRows,
  forkedAt,
  joinsAt,
  fewChanged,
  closedForm,
  readAt,
}: PlanRequest): string {
  const sites = [[...captured], columns, pooling, [...intervened].sort(), [...scores].sort()];
  const kind = [span, encoded, losses, compare, keepLogits, keepState, continues, given, parted, sharesRows];
  return JSON.stringify([...sites, ...kind, forkedAt, joinsAt, fewChanged, closedForm, readAt]);
}
