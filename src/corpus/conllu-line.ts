import { FileError } from "../core/errors.js";
import type { Line } from "./lines.js";

/** A line of CoNLL-U that is not a comment. `range` is a token of several words, `empty` a word that is not in the text. */
export interface ConlluLine {
  readonly kind: "word" | "range" | "empty";
  readonly id: string;
  /** The first and last word it stands for, counted from 1; for `empty` the word before it. */
  readonly first: number;
  readonly last: number;
  readonly form: string;
  readonly annotations: Readonly<Record<string, string>>;
  /** The number of the head from 1; 0 for a root and where none is given. */
  readonly head: number;
  readonly spaceAfter: boolean;
  /** The line's number in the file. */
  readonly number: number;
}

/**
 * Reads one line of ten columns.
 *
 * @throws FileError with the line's number
 */
export function parseConlluLine(path: string, line: Line): ConlluLine {
  const fields = line.text.split("\t");
  if (fields.length !== 10) throw malformed(path, line, "10 columns between tabs", `${fields.length}`);
  const [id, form, , , , , head] = fields as [string, string, ...string[]];
  if (form === "") throw malformed(path, line, "a form in column 2", "nothing");
  const [kind, first, last] = parseId(path, line, id);
  const annotations = parseAnnotations(fields);
  const spaceAfter = annotations["misc.SpaceAfter"] !== "No";
  return {
    kind,
    id,
    first,
    last,
    form,
    annotations,
    head: parseHead(path, line, head!),
    spaceAfter,
    number: line.number,
  };
}

function parseId(path: string, line: Line, id: string): [kind: ConlluLine["kind"], first: number, last: number] {
  const match = /^(\d+)(?:([-.])(\d+))?$/.exec(id);
  if (!match) throw malformed(path, line, "a number, a range or an empty node in column 1", JSON.stringify(id));
  const first = Number(match[1]);
  if (match[2] === undefined) return ["word", first, first];
  if (match[2] === ".") return ["empty", first, first];
  const last = Number(match[3]);
  if (last < first) throw malformed(path, line, "a range from a lower to a higher number", id);
  return ["range", first, last];
}

function parseHead(path: string, line: Line, head: string): number {
  if (head === "_") return 0;
  if (!/^\d+$/.test(head)) throw malformed(path, line, "a number or _ in column 7", JSON.stringify(head));
  return Number(head);
}

/** The annotations by key: the form and every column or feature that is not `_`. */
function parseAnnotations(fields: readonly string[]): Record<string, string> {
  const [, form, lemma, upos, xpos, feats, , deprel, , misc] = fields as [string, ...string[]];
  const annotations: Record<string, string> = { form: form! };
  if (lemma !== "_" || form === "_") annotations.lemma = lemma!;
  if (upos !== "_") annotations.upos = upos!;
  if (xpos !== "_") annotations.xpos = xpos!;
  if (deprel !== "_") annotations.deprel = deprel!;
  if (feats !== "_") addPairs(annotations, "feats.", feats!);
  if (misc !== "_") addPairs(annotations, "misc.", misc!);
  return annotations;
}

/** Adds `Number=Plur|Case=Nom` as `feats.Number` and `feats.Case`; what has no = is left out. */
function addPairs(annotations: Record<string, string>, prefix: string, field: string): void {
  for (const pair of field.split("|")) {
    const equals = pair.indexOf("=");
    if (equals > 0) annotations[prefix + pair.slice(0, equals)] = pair.slice(equals + 1);
  }
}

function malformed(path: string, line: Line, expected: string, found: string): FileError {
  return new FileError(path, `Expected ${expected} but found ${found}`, `line ${line.number}`);
}
