/** What words or bytes may have in common, each told by a context: what stands there, and what is around it. */
const wordTraits = [
  ["numbers", ({ text }) => /^[$£]?\d[\d.,:/-]*$/.test(text)],
  ["commas", ({ text }) => text === ","],
  ["ends of sentences", ({ text }) => /^[.!?]+$/.test(text)],
  ["hyphens and dashes", ({ text }) => /^[-–—]+$/.test(text)],
  ["numbers, commas and hyphens", ({ text }) => /^[\d.,-]+$/.test(text)],
  ["punctuation", ({ text }) => /^[^\p{L}\p{N}]+$/u.test(text)],
  ["capitalised words", ({ text }) => /^\p{Lu}/u.test(text)],
  ["addresses", ({ text }) => /@|https?:|www\./.test(text)],
];
const byteTraits = [
  ["digits of long numbers", ({ before, text, after }) => /^[\d().,-]{4,}$/.test(around(before, text, after))],
  ["behind an apostrophe", ({ before, text }) => /['’]/.test(`${before.at(-1) ?? ""}${text}`)],
  ["dots", ({ text }) => text === "."],
  ["brackets", ({ text }) => /[()[\]]/.test(text)],
  ["dots and brackets", ({ text }) => /[.()[\]]/.test(text)],
  ["spaces", ({ text }) => text === " "],
];

/** A byte with two on each side. */
const around = (before, text, after) => [...before.slice(-2), text, ...after.slice(0, 2)].join("");

/** Of a neuron's contexts at least so many must share a trait for the neuron to be called by it. */
const enough = 0.8;

/** What most contexts of a neuron have in common, the narrowest first: the same word, or a trait; null where nothing. */
export function sharedTrait(contexts, bytes) {
  const traits = [...sameText(contexts), ...(bytes ? byteTraits : wordTraits)];
  const shares = traits.map(([name, has]) => ({ name, count: contexts.filter(has).length, of: contexts.length }));
  const named = shares.filter(({ count, of }) => count >= enough * of);
  return named[0] ?? null;
}

/** The text that most contexts have, whatever its case. */
function sameText(contexts) {
  const texts = contexts.map((context) => context.text.toLowerCase());
  const countOf = (text) => texts.filter((other) => other === text).length;
  const [most] = [...new Set(texts)].sort((a, b) => countOf(b) - countOf(a));
  return [[most.trim() === "" ? "spaces" : `“${most}”`, ({ text }) => text.toLowerCase() === most]];
}
