import { FileError } from "../core/errors.js";
import { readComment } from "./conllu-comment.js";
import { type ConlluLine, parseConlluLine } from "./conllu-line.js";
import { type Sentence, sentenceOf, type TextForm } from "./corpus.js";
import type { Line } from "./lines.js";
import { joinWords, placeTokens, type SurfaceToken, writeText } from "./surface.js";

/*
 * CoNLL-U (https://universaldependencies.org/format.html): ten columns between tabs, one word a line,
 * a blank line after every sentence, comments that begin with #. Word lines are numbered 1, 2, …;
 * `3-4` is a token that words 3 and 4 share, `3.1` a word that is not in the text.
 */

/**
 * The sentences of a CoNLL-U file. Words that are not in the text (`3.1`) are left out.
 *
 * @throws FileError with the line of a malformed line, and with the sentence and the word that is not in its text
 */
export function* parseConllu(path: string, lines: Iterable<Line>, form: TextForm = "written"): Generator<Sentence> {
  let block: Line[] = [];
  for (const line of lines) {
    if (line.text !== "") {
      block.push(line);
    } else if (block.length > 0) {
      yield parseBlock(path, block, form);
      block = [];
    }
  }
  if (block.length > 0) yield parseBlock(path, block, form);
}

function parseBlock(path: string, block: readonly Line[], form: TextForm): Sentence {
  const labels: Record<string, string> = {};
  const context = { path, name: `the sentence at line ${block[0]!.number}` };
  const parsed: ConlluLine[] = [];
  let text: string | undefined;
  for (const line of block) {
    const comment = readComment(line.text);
    if (!comment) parsed.push(parseConlluLine(path, line));
    else if (comment.key === "text") text = comment.value;
    else if (comment.key === "sent_id") context.name = `sentence ${comment.value}`;
    else if (comment.label) labels[comment.key] = comment.value;
  }
  const words = parsed.filter((line) => line.kind === "word");
  if (words.length === 0) throw new FileError(path, "Expected words after the comments", `line ${block[0]!.number}`);
  for (const { head, number } of words) {
    if (head > words.length) throw malformed(path, number, `a head from 0 to ${words.length}`, head);
  }
  const tokens = surfaceTokens(path, parsed);
  const spelled = form === "words" ? joinWords(words) : placeTokens(context, words, tokens, text ?? writeText(tokens));
  const placed = spelled.words.map((word, i) => {
    const { annotations, head } = words[i]!;
    return { form: word.form, start: word.start, end: word.end, annotations, head: head - 1 };
  });
  return sentenceOf(spelled.text, placed, labels);
}

/** The tokens as they are written, from words and the ranges above them; checks that both are numbered in order. */
function surfaceTokens(path: string, parsed: readonly ConlluLine[]): SurfaceToken[] {
  const tokens: SurfaceToken[] = [];
  let words = 0;
  let covered = 0;
  for (const line of parsed) {
    if (line.kind === "empty") {
      if (line.first !== words) throw malformed(path, line.number, `an empty node after word ${words}`, line.id);
      continue;
    }
    if (line.first !== words + 1) throw malformed(path, line.number, `word number ${words + 1}`, line.id);
    if (line.kind === "word") words++;
    if (line.kind === "range" && line.first <= covered)
      throw malformed(path, line.number, "no range in a range", line.id);
    if (line.first <= covered) continue;
    covered = line.last;
    tokens.push({ form: line.form, first: line.first - 1, last: line.last - 1, spaceAfter: line.spaceAfter });
  }
  if (covered > words) throw malformed(path, parsed.at(-1)!.number, `words up to ${covered}`, words);
  return tokens;
}

function malformed(path: string, line: number, expected: string, found: string | number): FileError {
  return new FileError(path, `Expected ${expected} but found ${found}`, `line ${line}`);
}
