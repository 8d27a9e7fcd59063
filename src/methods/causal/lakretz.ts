import { ArgumentError } from "../../core/errors.js";
import type { Site } from "../../core/sites.js";
import type { Model } from "../../model/model.js";
import type { Replacement, ReplacementName } from "./replacement.js";

/**
 * The ablation of Lakretz et al. (2019), who zero weights of an LSTM: of a unit the column that its layer's own steps
 * read, and, in the last layer, the readout's; what the next layer reads of a lower one stays as it is.
 *
 * @throws ArgumentError for a model that is no LSTM read from left to right, other sites than `layers.N.hidden`, or a
 * value other than zero
 */
export function asLakretz(
  model: Model,
  sites: readonly Site[],
  replacement: Replacement,
  { compat, value }: { readonly compat?: string; readonly value: ReplacementName },
): Replacement {
  if (compat !== "lakretz") throw new ArgumentError("compat", "lakretz", compat);
  if (model.encoder || !model.sites.some(({ name }) => name === "layers.0.cell"))
    throw new ArgumentError("compat", "nothing for a model that is no LSTM read from left to right", compat);
  const stranger = sites.find(({ name }) => !/^layers\.\d+\.hidden$/.test(name));
  if (stranger) throw new ArgumentError("sites", "sites layers.N.hidden for lakretz", stranger.name);
  if (value !== "zero") throw new ArgumentError("value", "zero for lakretz", value);
  const last = `layers.${model.layers - 1}.hidden`;
  return {
    changeOf(site, columns) {
      const change = replacement.changeOf(site, columns);
      return site.name === last ? change : { ...change, reach: "recurrence" };
    },
  };
}
