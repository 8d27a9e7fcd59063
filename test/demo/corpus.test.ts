import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Sentence } from "../../src/corpus/corpus.js";
import { readCorpus } from "../../src/corpus/read.js";

const folder = join(import.meta.dirname, "../../src/demo/corpus");
const train = readFileSync(join(folder, "train.txt"), "utf8").trimEnd().split("\n");
const dev = await readCorpus(join(folder, "dev.conllu"));
const held = await readCorpus(join(folder, "test.conllu"));
const sentences = [...dev.sentences, ...held.sentences];

test("has the sentences that the models were trained on, and others in the annotated parts", () => {
  expect(train).toHaveLength(12_000);
  expect(dev.sentences).toHaveLength(400);
  expect(held.sentences).toHaveLength(40);
  const seen = new Set(train);
  expect(sentences.filter(({ text }) => seen.has(text))).toEqual([]);
});

describe("annotations", () => {
  test("Quote stands exactly between quotation marks", () => {
    for (const sentence of sentences) expect(inside(sentence, "misc.Quote")).toBe(between(sentence, '"', '"'));
  });

  test("Bracket stands exactly between brackets", () => {
    for (const sentence of sentences) expect(inside(sentence, "misc.Bracket")).toBe(between(sentence, "(", ")"));
  });

  test("every subject's verb agrees with it in the present tense", () => {
    let pairs = 0;
    for (const { words } of sentences) {
      for (const word of words) {
        const verb = words[word.head];
        if (word.annotations.deprel !== "nsubj" || word.annotations["feats.PronType"] || !verb) continue;
        const group = words.filter((one) => one === verb || (words[one.head] === verb && auxiliary(one.annotations)));
        const finite = group.find(({ annotations }) => present(annotations));
        if (!finite || word.annotations["feats.Number"] === undefined) continue;
        expect(finite.annotations["feats.Number"]).toBe(word.annotations["feats.Number"]);
        pairs++;
      }
    }
    expect(pairs).toBeGreaterThan(200);
  });

  test("every sentence has one root and a label", () => {
    for (const { words, labels } of sentences) {
      expect(words.filter(({ head }) => head < 0)).toHaveLength(1);
      expect(labels.label).toMatch(/^(positive|negative|neutral)$/);
    }
  });
});

function auxiliary({ deprel }: Readonly<Record<string, string>>): boolean {
  return deprel === "aux" || deprel === "cop";
}

function present(annotations: Readonly<Record<string, string>>): boolean {
  return annotations["feats.Tense"] === "Pres" && /^(VERB|AUX)$/.test(annotations.upos ?? "");
}

function inside({ words }: Sentence, key: string): string {
  return words
    .filter(({ annotations }) => annotations[key] === "Yes")
    .map(({ form }) => form)
    .join(" ");
}

/** The words from an opening mark up to its closing one, which is left out. */
function between({ words }: Sentence, opening: string, closing: string): string {
  const kept: string[] = [];
  let open = false;
  for (const { form } of words) {
    if (form === closing && open) open = false;
    else if (form === opening) open = true;
    if (open) kept.push(form);
  }
  return kept.join(" ");
}
