import { expect, test } from "vitest";
import { random } from "../../src/core/random.js";
import { packSequences } from "../../src/model/batch.js";
import { NO_TARGET } from "../../src/model/model.js";
import { findTargets } from "../../src/model/targeted.js";

/** Four copies of a text of two tokens; the first token is the same row in all of them. */
const sequences = Array.from({ length: 4 }, () => Uint32Array.of(5, 6));
const batch = { ...packSequences(sequences), rows: 5, rowOfToken: Uint32Array.of(0, 1, 0, 2, 0, 3, 0, 4) };

test("targets of a shared row are read once for each id that they have", () => {
  const targets = Uint32Array.of(7, NO_TARGET, 8, 7, 7, 7, 8, NO_TARGET);
  const found = findTargets({ sequences, targets }, batch);
  expect([...found.all]).toEqual([0, 2, 3, 4, 5, 6]);
  expect([...found.read]).toEqual([0, 2, 3, 5]);
  expect([...found.places]).toEqual([0, 1, 2, 0, 3, 1]);
});

test("targets of rows of their own are all read, and so are those whose logits are kept", () => {
  const targets = Uint32Array.of(7, NO_TARGET, 7, 7, 7, 7, 7, NO_TARGET);
  const own = findTargets({ sequences, targets }, packSequences(sequences));
  expect(own.read).toEqual(own.all);
  expect(findTargets({ sequences, targets, logits: true }, batch).read).toEqual(own.all);
});

test("what shares a row is what a loop over all pairs finds", () => {
  const uniform = random(4);
  const pick = (end: number) => Math.floor(end * uniform());
  const many = Array.from({ length: 100 }, () => new Uint32Array(3));
  const rowOfToken = Uint32Array.from({ length: 300 }, () => pick(40));
  const targets = Uint32Array.from({ length: 300 }, () => (pick(5) === 0 ? NO_TARGET : pick(4)));
  const found = findTargets({ sequences: many, targets }, { ...packSequences(many), rows: 40, rowOfToken });
  const first = (token: number) =>
    [...found.all].find((one) => rowOfToken[one] === rowOfToken[token] && targets[one] === targets[token]);
  expect(found.read.length).toBeLessThan(found.all.length);
  expect([...found.places].map((place) => found.read[place])).toEqual([...found.all].map(first));
});
