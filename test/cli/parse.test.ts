import { describe, expect, test } from "vitest";
import { describeCommand } from "../../src/cli/command.js";
import { parse } from "../../src/cli/parse.js";

const command = describeCommand({
  name: "rank",
  summary: "Ranks.",
  usage: "METHOD",
  words: { least: 1, most: 1, are: "a METHOD" },
  options: {
    activations: { kind: "text", value: "SOURCE", help: "what to read", required: true },
    threshold: { kind: "number", help: "a cut" },
    top: { kind: "integer", least: 1, help: "how many" },
    concepts: { kind: "list", help: "several" },
    rows: { kind: "text", choices: ["token", "word"], help: "what a row is" },
    force: { kind: "flag", help: "replace" },
  },
  examples: [],
  async run() {},
});
const read = (line: string) => parse(command, line.split(" ").filter(Boolean));
const refusal = (line: string) => {
  try {
    read(line);
  } catch (error) {
    return error instanceof Error ? error.message : "";
  }
  throw new Error(`${line} was taken`);
};

describe("parse", () => {
  test("reads words and options in any order, and negative numbers", () => {
    const { words, options } = read(
      "--threshold -3.5 probeless --activations acts --top 5 --concepts upos,deprel --force",
    );
    expect(words).toEqual(["probeless"]);
    expect(options).toMatchObject({ threshold: -3.5, activations: "acts", top: 5, force: true });
    expect(options.concepts).toEqual(["upos", "deprel"]);
    expect(options.rows).toBeUndefined();
  });

  test("reads --name=value and the options that every command takes", () => {
    const { shared, options } = read("iou --activations=acts --seed=7 --quiet --device native");
    expect(shared).toMatchObject({ seed: 7, quiet: true, json: false, device: "native" });
    expect(options.activations).toBe("acts");
  });

  test("asks for nothing where help is wanted", () => {
    expect(read("--help").shared.help).toBe(true);
  });

  test.each([
    ["iou", "Expected SOURCE for --activations but received nothing"],
    ["--activations acts", "Expected a METHOD for neurometry rank but received nothing"],
    ["iou extra --activations acts", 'Expected a METHOD for neurometry rank but received "extra"'],
    [
      "iou --activatoins acts",
      'Expected an option of neurometry rank (did you mean "--activations"?) for options but received "--activatoins"',
    ],
    ["iou --activations", "Expected SOURCE for --activations but received nothing"],
    ["iou --activations acts --top", "Expected a value for --top but received nothing"],
    ["iou --activations acts --top 0", 'Expected an integer of at least 1 for --top but received "0"'],
    ["iou --activations acts --top 2.5", 'Expected an integer of at least 1 for --top but received "2.5"'],
    ["iou --activations acts --threshold high", 'Expected a number for --threshold but received "high"'],
    [
      "iou --activations acts --rows wrod",
      'Expected one of token, word (did you mean "word"?) for --rows but received "wrod"',
    ],
    ["iou --activations acts --force=yes", 'Expected no value for --force but received "yes"'],
    [
      "iou --activations acts --activations other",
      'Expected one value for --activations but received "acts and other"',
    ],
    ["iou -a acts", 'Expected an option of neurometry rank for options but received "-a"'],
  ])("refuses %s", (line, sentence) => {
    expect(refusal(line)).toBe(sentence);
  });
});
