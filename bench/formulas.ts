import type { BitMatrix } from "../src/core/bits.js";
import { wordsPerRow } from "../src/core/bits.js";
import { random } from "../src/core/random.js";
import { classesOf } from "../src/corpus/concepts.js";

/** Annotations of rows that are as words are: few frequent forms and many rare ones, tags that follow from the form, relations that lean on the tag. */
export interface WordLikeRows {
  readonly columns: Readonly<Record<"upos" | "xpos" | "deprel" | "form", readonly string[]>>;
  /** Every value of every column as bits; `concepts` of them, the most frequent forms last. */
  readonly concepts: BitMatrix;
}

/** Seeded rows with 17 tags, 50 finer tags, 40 relations, and as many forms as make `concepts` concepts. */
export function wordLikeRows(rows: number, concepts: number): WordLikeRows {
  const draw = random(1);
  const forms = Array.from({ length: rows }, () => Math.floor(Math.exp(draw() * Math.log(20_000))) - 1);
  const tagOf = (form: number, tags: number) => Math.floor(tags * ((form * 0.618034) % 1) ** 2);
  const columns = {
    upos: forms.map((form) => `U${tagOf(form, 17)}`),
    xpos: forms.map((form) => `X${tagOf(form, 50)}`),
    deprel: forms.map((form) => `D${Math.floor(40 * (draw() < 0.6 ? tagOf(form, 17) / 17 : draw()))}`),
    form: forms.map((form) => `f${form}`),
  };
  return { columns, concepts: conceptsOf(columns, rows, concepts) };
}

/** Masks of neurons that are built from two concepts each, with 5 % of their rows moved. */
export function neuronMasks(concepts: BitMatrix, neurons: number): BitMatrix {
  const words = wordsPerRow(concepts.columns);
  const draw = random(2);
  const bits = new Uint32Array(neurons * words);
  for (let neuron = 0; neuron < neurons; neuron++) {
    const [first, second] = [0, 1].map(() => Math.floor(draw() ** 2 * concepts.rows) * words) as [number, number];
    for (let row = 0; row < concepts.columns; row++) {
      const at = row >>> 5;
      const on = ((concepts.bits[first + at]! | concepts.bits[second + at]!) >>> (row & 31)) & 1;
      if ((on === 1) !== draw() < 0.05) bits[neuron * words + at]! |= 1 << (row & 31);
    }
  }
  return { bits, rows: neurons, columns: concepts.columns };
}

function conceptsOf(columns: WordLikeRows["columns"], rows: number, count: number): BitMatrix {
  const words = wordsPerRow(rows);
  const frequent = (values: readonly string[]) => {
    const counts = new Map<string, number>();
    for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
    return [...counts].sort(([, a], [, b]) => b - a).map(([value]) => value);
  };
  const bits = new Uint32Array(count * words);
  let filled = 0;
  for (const [key, values] of Object.entries(columns)) {
    const order = frequent(values).slice(0, count - filled);
    const concept = classesOf({ key, value: null }, values);
    const masks = concept.masks();
    for (const value of order) {
      const at = concept.classes.indexOf(value) * words;
      bits.set(masks.bits.subarray(at, at + words), filled++ * words);
    }
  }
  return { bits, rows: filled, columns: rows };
}
