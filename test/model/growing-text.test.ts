import { describe, expect, it } from "vitest";
import { byteTokenizer } from "../../src/model/byte-tokenizer.js";
import { GrowingText } from "../../src/model/growing-text.js";

const bytes = (text: string) => [...new TextEncoder().encode(text)];

async function grow(text: string, stops: string[]): Promise<{ parts: string[]; whole: GrowingText }> {
  const whole = new GrowingText(byteTokenizer(), bytes("é"), stops);
  const parts: string[] = [];
  for (const byte of bytes(text)) if (!whole.stopped) parts.push(await whole.add(byte));
  parts.push(await whole.end());
  return { parts, whole };
}

describe("a growing text", () => {
  it("grows by whole characters", async () => {
    const { parts, whole } = await grow("añ日🙂!", []);
    expect(parts.filter((part) => part !== "")).toEqual(["a", "ñ", "日", "🙂", "!"]);
    expect(whole.text).toBe("añ日🙂!");
  });

  it("is the same when nobody watches, and however long it is", async () => {
    const text = "naïve 日本 🙂 ".repeat(20);
    const { parts, whole } = await grow(text, []);
    expect([parts.join(""), whole.text]).toEqual([text, text]);
    const unwatched = new GrowingText(byteTokenizer(), bytes("é"), [], false);
    for (const byte of bytes(text)) expect(await unwatched.add(byte)).toBe("");
    expect(await unwatched.end()).toBe(text);
  });

  it("ends before the first stop string, and never shows a beginning of one", async () => {
    const { parts, whole } = await grow("ab. c.\n\nd", ["\n\n", "zz"]);
    expect(whole.text).toBe("ab. c.");
    expect(parts.join("")).toBe("ab. c.");
    expect(whole.stopped).toBe(true);
  });

  it("gives back what only looked like the beginning of one", async () => {
    const { parts, whole } = await grow("a\nb\n", ["\n\n"]);
    expect(parts).toEqual(["a", "", "\nb", "", "\n"]);
    expect(whole.text).toBe("a\nb\n");
  });

  it("shows an incomplete character at the end as such", async () => {
    const { whole } = await grow("a", []);
    await whole.add(0xe6);
    expect(await whole.end()).toBe("\ufffd");
  });
});
