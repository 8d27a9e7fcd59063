import type { Recorder, Value } from "./plan.js";

/** A share of memory that several temporaries use, one after another. */
export interface Slot {
  elements: number;
}

/** Which slot each temporary lives in, by the temporary's id. */
export interface SlotPlan {
  readonly slots: readonly Slot[];
  readonly slotOf: ReadonlyMap<number, number>;
}

interface Lifetime {
  readonly id: number;
  readonly elements: number;
  readonly first: number;
  last: number;
}

/**
 * Gives every temporary of a plan a slot for as long as it lives: from the first step that names
 * it to the last. A slot that has become free is used again
 * by the temporary that wastes least of it.
 */
export function assignSlots(recorder: Recorder): SlotPlan {
  const slots: Slot[] = [];
  const slotOf = new Map<number, number>();
  const free = new Set<number>();
  const lifetimes = lifetimesOf(recorder);
  const ending = groupByLast(lifetimes);
  for (let step = 0, next = 0; step < recorder.steps.length; step++) {
    for (; next < lifetimes.length && lifetimes[next]!.first === step; next++) {
      const slot = claim(lifetimes[next]!.elements, slots, free);
      slotOf.set(lifetimes[next]!.id, slot);
    }
    for (const id of ending.get(step) ?? []) free.add(slotOf.get(id)!);
  }
  return { slots, slotOf };
}

function claim(elements: number, slots: Slot[], free: Set<number>): number {
  let best: number | undefined;
  for (const slot of free) {
    if (best === undefined || misfit(slots[slot]!, elements) < misfit(slots[best]!, elements)) best = slot;
  }
  if (best === undefined) return slots.push({ elements }) - 1;
  free.delete(best);
  slots[best]!.elements = Math.max(slots[best]!.elements, elements);
  return best;
}

/** How much memory a slot would waste, or would have to grow by. */
function misfit(slot: Slot, elements: number): number {
  return Math.abs(slot.elements - elements);
}

function lifetimesOf(recorder: Recorder): Lifetime[] {
  const lifetimes = new Map<number, Lifetime>();
  recorder.steps.forEach(({ operands }, step) => {
    for (const { root } of operands.filter((value): value is Value => value !== null)) {
      if (root.kind !== "temporary") continue;
      const known = lifetimes.get(root.id);
      if (known) known.last = step;
      else lifetimes.set(root.id, { id: root.id, elements: root.elements, first: step, last: step });
    }
  });
  return [...lifetimes.values()];
}

function groupByLast(lifetimes: readonly Lifetime[]): Map<number, number[]> {
  const groups = new Map<number, number[]>();
  for (const { id, last } of lifetimes) groups.set(last, [...(groups.get(last) ?? []), id]);
  return groups;
}
