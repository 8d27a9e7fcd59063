import type { Model } from "../../../src/model/model.js";

/** The id that stands for the mask token. */
export const mask = 4;

/** The model with a mask token, which the fixtures' alphabets lack. */
export function withMask(model: Model): Model {
  const id = (token: string) => (token === "[MASK]" ? mask : model.tokenizer.id(token));
  const tokenizer = { ...model.tokenizer, id, encode: model.tokenizer.encode.bind(model.tokenizer) };
  return new Proxy(model, {
    get(target, name) {
      if (name === "tokenizer") return tokenizer;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
