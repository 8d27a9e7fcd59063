import { expect, test } from "vitest";
import { describeKernel } from "../../src/device/kernel.js";
import { Recorder, type Value } from "../../src/device/plan.js";
import { assignSlots } from "../../src/device/slots.js";

const copy = describeKernel({
  name: "copy",
  operands: { x: { type: "f32", access: "read" }, out: { type: "f32", access: "write" } },
  parameters: {},
  groups: () => 1,
});

/** A chain: each temporary is read by the step that writes the next one. */
function chain(...elements: number[]): { recorder: Recorder; values: Value[] } {
  const recorder = new Recorder();
  const values = elements.map((count) => recorder.temporary("f32", [count]));
  values.slice(1).forEach((out, i) => {
    recorder.record(copy, { x: values[i]!, out }, {});
  });
  return { recorder, values };
}

test("two slots serve a chain of any length", () => {
  const { slots } = assignSlots(chain(8, 8, 8, 8, 8, 8).recorder);
  expect(slots).toHaveLength(2);
});

test("what one step reads and what it writes never share a slot", () => {
  const { recorder, values } = chain(8, 16, 4, 8, 32);
  const { slotOf } = assignSlots(recorder);
  const slots = values.map(({ root }) => slotOf.get(root.kind === "temporary" ? root.id : -1)!);
  slots.slice(1).forEach((slot, i) => {
    expect(slot).not.toBe(slots[i]);
  });
});

test("a slot is as large as the largest temporary that uses it", () => {
  const { recorder, values } = chain(8, 16, 4, 8, 32);
  const { slots, slotOf } = assignSlots(recorder);
  for (const { root } of values) {
    if (root.kind !== "temporary") throw new Error("a chain has temporaries only");
    expect(slots[slotOf.get(root.id)!]!.elements).toBeGreaterThanOrEqual(root.elements);
  }
});

test("a value that is read again at the end keeps its slot to itself", () => {
  const { recorder, values } = chain(8, 8, 8, 8);
  recorder.record(copy, { x: values[0]!, out: recorder.external("out", "f32", [8]) }, {});
  const { slotOf } = assignSlots(recorder);
  const slots = [...slotOf.values()];
  expect(slots.filter((slot) => slot === slots[0])).toHaveLength(1);
});
