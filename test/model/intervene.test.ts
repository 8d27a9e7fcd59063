import { describe, expect, it } from "vitest";
import { intervene } from "../../src/model/intervene.js";
import type { Intervention } from "../../src/model/interventions.js";

describe("a sentence about neurons", () => {
  it("names a site, its neurons, ranges of them, or its heads", () => {
    const said = (target: string) => intervene(target).zero();
    expect(said("layers.0.residual")).toEqual({ site: "layers.0.residual", operation: "set", value: 0 });
    expect(said("final:7").columns).toEqual([7]);
    expect(said("final:7,2-4").columns).toEqual([7, 2, 3, 4]);
    expect(said("layers.0.attention.heads:head.3,head.0-1").heads).toEqual([3, 0, 1]);
  });

  it("says where, for which sequence, and what", () => {
    const at = intervene("layers.0.mlp.hidden").neurons([1, 2]).at("last").in(2);
    expect(at.flip()).toEqual({
      site: "layers.0.mlp.hidden",
      columns: [1, 2],
      positions: "last",
      sequence: 2,
      operation: "scale",
      value: -1,
    });
    expect(intervene("final").where([false, true, true]).add(2).positions).toEqual([1, 2]);
    expect(intervene("final").at(3).noise(0.5, { seed: 9 })).toMatchObject({ positions: [3], seed: 9, value: 0.5 });
  });

  it("refuses what is no target", () => {
    for (const target of ["", ":3", "final:", "final:x", "final:4-2", "final:head.", "a.heads:head.1,3"]) {
      expect(() => intervene(target), target).toThrow("Expected SITE, SITE:INDEX, SITE:FIRST-LAST or SITE:head.HEAD");
    }
    const dynamic: string = "final:3";
    expect(() => intervene(dynamic).neurons(2)).toThrow("a whole site");
    expect(() => intervene("final").project(new Float32Array(2), new Float32Array(3))).toThrow("2 numbers each");
  });

  it("does not compile where it is nonsense", () => {
    const nonsense = [
      // @ts-expect-error a value must be said
      () => intervene("final:3").set(),
      // @ts-expect-error nothing is told to zero
      () => intervene("final:3").zero(2),
      // @ts-expect-error a position is a number, or the last
      () => intervene("final:3").at("frist").zero(),
      // @ts-expect-error neurons were named
      () => intervene("final:3").neurons(4).zero(),
      // @ts-expect-error neurons or heads
      () => intervene("layers.0.attention.heads").heads(1).neurons(2).zero(),
      // @ts-expect-error positions are said once
      () => intervene("final:3").at(1).where([true]).zero(),
      // @ts-expect-error a direction is numbers
      () => intervene("final").project(1),
      // @ts-expect-error at least one direction
      () => intervene("final").project(),
      // @ts-expect-error noise has a size
      () => intervene("final").noise(),
      // @ts-expect-error a patch comes from a run
      () => intervene("final").patch(3),
      // @ts-expect-error the verb ends the sentence
      () => intervene("final").zero().at("last"),
      // @ts-expect-error a sentence without a verb changes nothing
      (): Intervention => intervene("final").at("last"),
      // @ts-expect-error the mean of a source is awaited
      () => intervene("final").set(Promise.resolve({ sites: [], values: new Float32Array(0) })),
    ];
    expect(nonsense.length).toBe(13);
  });
});
