import { FileError } from "../core/errors.js";
import type { AddedToken } from "./special-tokens.js";

/** Tokens that are put before and behind every text; null where there is none. */
export interface Ends {
  readonly first: string | null;
  readonly last: string | null;
}

/** The post-processor of a tokenizer.json that adds them. @throws FileError for one that has no id */
export function templateOf(
  path: string,
  vocabulary: ReadonlyMap<string, number>,
  added: readonly AddedToken[],
  ends: Ends,
): object {
  const special = (content: string | null) => (content === null ? [] : [{ SpecialToken: { id: content, type_id: 0 } }]);
  const single = [...special(ends.first), { Sequence: { id: "A", type_id: 0 } }, ...special(ends.last)];
  const used = [ends.first, ends.last].filter((content) => content !== null);
  const entries = used.map((content) => {
    return [content, { id: content, ids: [idOf(path, vocabulary, added, content)], tokens: [content] }];
  });
  const pair = [...single, { Sequence: { id: "B", type_id: 1 } }];
  return { type: "TemplateProcessing", single, pair, special_tokens: Object.fromEntries(entries) };
}

/** The id of a token that a template needs. @throws FileError if it has none */
export function idOf(
  path: string,
  vocabulary: ReadonlyMap<string, number>,
  added: readonly AddedToken[],
  content: string,
): number {
  const id = vocabulary.get(content) ?? added.find((token) => token.content === content)?.id;
  if (id !== undefined) return id;
  throw new FileError(
    path,
    `Expected the token ${JSON.stringify(content)}, which is added to every text, but the vocabulary has none`,
  );
}
