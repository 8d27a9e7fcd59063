import { describe, expect, it } from "vitest";
import { npyHeader, parseNpyHeader } from "../../src/core/npy.js";
import { headerOf } from "../fixtures/npy-header.js";

function parse(dict: string, version = 1) {
  return parseNpyHeader(headerOf(dict, version), "x.npy");
}

describe("a .npy header", () => {
  it("is read as numpy writes it", () => {
    expect(parse("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }")).toMatchObject({
      type: "f4",
      endian: "little",
      order: "rows",
      shape: [3, 4],
      elements: 12,
    });
  });

  it("is read in version 2 and 3, with any order of keys, in column order and big-endian", () => {
    const dict = "{'shape': (5,), 'fortran_order': True, 'descr': '>i8'}";
    for (const version of [2, 3]) {
      expect(parse(dict, version)).toMatchObject({
        type: "i8",
        endian: "big",
        order: "columns",
        shape: [5],
        elements: 5,
      });
    }
  });

  it("knows the long integers of Python 2, the shape () of a single number, and an empty array", () => {
    expect(parse("{'descr': '|b1', 'fortran_order': False, 'shape': (3L, 4L), }").shape).toEqual([3, 4]);
    expect(parse("{'descr': '|b1', 'fortran_order': False, 'shape': (), }")).toMatchObject({ shape: [], elements: 1 });
    expect(parse("{'descr': '|b1', 'fortran_order': False, 'shape': (0, 4), }").elements).toBe(0);
  });

  it("that was written is read back, and its numbers start at a multiple of 64 bytes", () => {
    for (const shape of [[7], [800000, 1000], [1, 2, 3]]) {
      const header = npyHeader("f4", shape);
      expect(parseNpyHeader(header, "x.npy")).toMatchObject({
        type: "f4",
        shape,
        order: "rows",
        dataOffset: header.length,
      });
      expect(header.length % 64).toBe(0);
    }
  });

  it.each([
    ["'<U7'", "strings"],
    ["'|S5'", "strings"],
    ["'|O'", "pickled Python objects"],
    ["'<c8'", "complex numbers"],
    ["'<M8[ns]'", "dates"],
    ["[('a', '<f4'), ('b', '<i4')]", "structures with named fields"],
    ["'<f16'", "elements of type <f16"],
  ])("of %s is refused as %s", (descr, what) => {
    expect(() => parse(`{'descr': ${descr}, 'fortran_order': False, 'shape': (3,), }`)).toThrow(
      `x.npy: expected an array of numbers or booleans but it holds ${what}`,
    );
  });

  it("without a key, or with a shape that is none, is refused", () => {
    expect(() => parse("{'descr': '<f4', 'shape': (3,), }")).toThrow(
      "valid fortran_order but received {'descr': '<f4'",
    );
    expect(() => parse("{'descr': '<f4', 'fortran_order': False, }")).toThrow("a .npy header with a valid shape");
    expect(() => parse("{'descr': '<f4', 'fortran_order': False, 'shape': (3,,4), }")).toThrow(
      "shape but received (3,,4)",
    );
    expect(() => parse("{'fortran_order': False, 'shape': (3,), }")).toThrow("a .npy header with a valid descr");
    const huge = "(9999999, 9999999, 9999999)";
    expect(() => parse(`{'descr': '<f4', 'fortran_order': False, 'shape': ${huge}, }`)).toThrow(huge);
  });

  it("of another format, another version, or cut short is refused", () => {
    expect(() => parseNpyHeader(new TextEncoder().encode("PK\x03\x04 a zip file"), "x.npz")).toThrow(
      "x.npz: is not a .npy file",
    );
    expect(() => parseNpyHeader(headerOf("{}", 4), "x.npy")).toThrow("x.npy, byte 6: expected version 1, 2 or 3");
    const header = npyHeader("f4", [3]);
    expect(() => parseNpyHeader(header.subarray(0, 100), "x.npy")).toThrow("its header takes 128 bytes but it has 100");
  });
});
