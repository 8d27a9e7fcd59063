import { generate } from "../../../src/model/generate.js";
import type { Intervention } from "../../../src/model/interventions.js";
import type { Model } from "../../../src/model/model.js";
import type { EncodeOptions, Tokenizer } from "../../../src/model/tokenizer.js";

/** An encoder-decoder of characters that puts a space between what it writes, and has few positions, so that texts end. */
export function writingModel(model: Model, maximumTokens: number): Model {
  const replaced: Partial<Model> = { targetTokenizer: spaced(model.targetTokenizer), maximumTokens };
  return new Proxy(model, {
    get(target, name) {
      if (name in replaced) return replaced[name as keyof Model];
      const own: unknown = Reflect.get(target, name, target);
      return typeof own === "function" ? own.bind(target) : own;
    },
  });
}

function spaced(tokenizer: Tokenizer): Tokenizer {
  const whole = tokenizer.encode.bind(tokenizer);
  const encode = async (texts: readonly string[], options?: EncodeOptions) => {
    const encodings = await whole(
      texts.map((text) => text.replaceAll(" ", "")),
      options,
    );
    return encodings.map(({ ids, special, starts, ends }) => {
      return { ids, special, starts: starts.map((start) => 2 * start), ends: ends.map((end) => 2 * end - 1) };
    });
  };
  return {
    kind: tokenizer.kind,
    files: tokenizer.files,
    size: tokenizer.size,
    encode,
    decode: async (ids) => [...(await tokenizer.decode(ids))].join(" "),
    token: (id) => tokenizer.token(id),
    id: (token) => tokenizer.id(token),
  };
}

/** What a model writes for each source, one after the other. @param tokens at most */
export async function writeAlone(
  model: Model,
  sources: readonly string[],
  tokens: number,
  interventions: (sentence: number) => readonly Intervention[] = () => [],
): Promise<string[]> {
  const texts: string[] = [];
  for (const [sentence, source] of sources.entries()) {
    const options = { tokens, identities: Uint32Array.of(sentence), interventions: interventions(sentence) };
    const [one] = await generate(model, [source], options);
    texts.push(one!.text);
  }
  return texts;
}
