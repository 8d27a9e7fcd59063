import { describe, expect, test } from "vitest";
import { lines } from "../../src/corpus/lines.js";

const read = (bytes: Uint8Array) => [...lines("file", bytes)];
const texts = (text: string) => read(Buffer.from(text)).map((line) => line.text);

describe("lines", () => {
  test("are numbered from 1 and stand without their line ends", () => {
    expect(read(Buffer.from("a\r\nb\n"))).toEqual([
      { text: "a", number: 1 },
      { text: "b", number: 2 },
    ]);
  });

  test("need no line end at the end, keep blank ones, and are none in an empty file", () => {
    expect(texts("a\n\nb")).toEqual(["a", "", "b"]);
    expect(texts("")).toEqual([]);
    expect(texts("\n")).toEqual([""]);
  });

  test("drop a byte order mark at the beginning only", () => {
    expect(texts("\ufeffa\n\ufeffb")).toEqual(["a", "\ufeffb"]);
  });

  test("are the same when the file is decoded in several parts", () => {
    const line = "é😀中".repeat(30_001);
    const text = Array.from({ length: 9 }, (_, i) => `${i}${line}`);
    expect(texts(text.join("\n"))).toEqual(text);
  });

  test("refuse bytes that are not UTF-8, with the line", () => {
    const bytes = Buffer.concat([Buffer.from("a\nb\n"), Buffer.from([0x63, 0xff, 0x0a, 0x64])]);
    expect(() => read(bytes)).toThrow("file, line 3: Expected UTF-8 text but found other bytes");
  });
});
