import { ArgumentError } from "../../core/errors.js";
import type { Corpus } from "../../corpus/corpus.js";
import { maskPositions, maskToken } from "../../corpus/masked-tokens.js";
import { type Model, NO_TARGET } from "../../model/model.js";
import { type Passage, type Passages, tokensOf } from "./passage.js";
import type { ReadSentence } from "./read-sentences.js";

export interface TokenOptions {
  /** Two tokens, or two classes of a classifier, whose logits `logit-diff` compares. */
  readonly tokens?: readonly [string, string] | undefined;
  /**
   * Where: at the last token of each text (the default), or at token N, counted from 0 without special tokens. What a
   * causal model predicts there is the next token; a masked model has the mask there.
   */
  readonly position?: "last" | number | undefined;
}

/**
 * Each text twice: to predict the first of two tokens at a position, and the second. A text that has no such position is
 * left out. The difference of their ln p is that of their logits.
 *
 * @throws ArgumentError for a token that is none or several, or a position that no text has
 */
export async function compareTokens(
  model: Model,
  corpus: Corpus,
  sentences: readonly ReadSentence[],
  { tokens, position = "last" }: TokenOptions,
): Promise<Passages> {
  if (position !== "last" && !(Number.isInteger(position) && position >= 0))
    throw new ArgumentError("position", "last, or the number of a token from 0", position);
  const [better, worse] = await Promise.all(tokens!.map((text) => idOf(model, text)));
  const passages = sentences.flatMap((read) => {
    const place = placeOf(model, read, position);
    if (place === null) return [];
    const own = passageOf(model, read, place);
    const targets = (id: number) => own.targets.map((target) => (target === NO_TARGET ? target : id));
    return [
      { ...own, targets: targets(better!), side: 1 as const },
      { ...own, targets: targets(worse!), side: -1 as const },
    ];
  });
  if (passages.length === 0) throw new ArgumentError("position", `a token that some text of ${corpus.path} has`, position); // biome-ignore format: one line
  return { passages, skipped: sentences.length - passages.length / 2 };
}

/** The row that is asked; null where there is none. */
function placeOf(model: Model, { special, ids }: ReadSentence, position: "last" | number): number | null {
  if (model.head.kind === "sequence-classification") return ids.length > 0 ? 0 : null;
  const content = [...special.keys()].filter((token) => special[token] === 0);
  return content.at(position === "last" ? -1 : position) ?? null;
}

/** What is read for a row: a causal model nothing behind it. Its target is any id. */
function passageOf(model: Model, read: ReadSentence, row: number): Passage {
  const tokens = tokensOf(read);
  switch (model.head.kind) {
    case "causal": {
      const cut = <Values extends Uint32Array | Uint8Array | Int32Array>(values: Values) => values.slice(0, row + 1) as Values; // biome-ignore format: one line
      const targets = new Uint32Array(row + 1).fill(NO_TARGET).fill(0, row);
      return { ...tokens, ids: cut(tokens.ids), special: cut(tokens.special), words: cut(tokens.words), targets };
    }
    case "masked":
      return { ...tokens, ...maskPositions(tokens.ids, [row], maskToken(model)) };
    case "sequence-classification":
      return { ...tokens, targets: Uint32Array.of(0) };
    default:
      return { ...tokens, targets: tokens.ids.map((_, token) => (token === row ? 0 : NO_TARGET)) };
  }
}

/** The id of a token as it stands behind a space or as it is written, or a classifier's class. */
async function idOf({ head, name, targetTokenizer }: Model, text: string): Promise<number> {
  if (head.kind.endsWith("classification")) {
    const named = head.labels.indexOf(text);
    if (named >= 0) return named;
    throw new ArgumentError("tokens", `classes of ${name}: ${head.labels.join(", ")}`, text);
  }
  const unknown = ["[UNK]", "<unk>", "<UNK>"].map((token) => targetTokenizer.id(token));
  const encodings = await targetTokenizer.encode([` ${text}`, text], { unknown: "skip" });
  const own = encodings.map(({ ids, special }) => ids.filter((_, token) => special[token] === 0));
  const single = own.find((ids) => ids.length === 1 && !unknown.includes(ids[0]!))?.[0] ?? targetTokenizer.id(text);
  if (single !== null) return single;
  const lengths = [...new Set(own.map(({ length }) => length))].join(" or ");
  throw new ArgumentError("tokens", `single tokens of ${name} (this one is ${lengths} of them)`, text);
}
