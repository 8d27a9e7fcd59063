import { mixRows } from "./mix-rows.js";
import { tokenLoss } from "./token-loss.js";

/** −ln p of each target and the first of the largest logits, where logits are sums of two weighted rows each. */
export function mixLoss(
  x: Float32Array,
  width: number,
  index: Uint32Array,
  shares: Float32Array,
  targets: Uint32Array,
  bias?: Float32Array,
): ReturnType<typeof tokenLoss> {
  return tokenLoss(Float32Array.from(mixRows(x, width, index, shares, bias)), targets);
}
