import type { Config } from "./config.js";

const layerTypes = ["full_attention", "sliding_attention"];

/**
 * Keys that each layer's queries see, their own included; 0: all.
 *
 * @param window of the layers that have one
 * @param slides whether layer n has one, where the config has no `layer_types`
 * @throws FileError for `layer_types` that are not one known word per layer
 */
export function readWindows(config: Config, layers: number, window: number, slides: (n: number) => boolean): number[] {
  const types: unknown = config.values.layer_types ?? null;
  const numbers = Array.from({ length: layers }, (_, n) => n);
  if (types === null) return numbers.map((n) => (slides(n) ? window : 0));
  if (!Array.isArray(types) || types.length !== layers || !types.every((type) => layerTypes.includes(type))) {
    throw config.refuse("layer_types", `${layers} times ${layerTypes.join(" or ")}`);
  }
  return types.map((type) => (type === "sliding_attention" ? window : 0));
}
