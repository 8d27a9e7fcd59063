/** The components of a layer in the order of the design: attention, MLP, recurrent states and gates, the block's output. */
const COMPONENTS = [
  ...["query", "key", "value", "scores", "heads", "out"].map((part) => `attention.${part}`),
  ...["query", "key", "value", "scores", "heads", "out"].map((part) => `cross.${part}`),
  ...["gate", "pre", "hidden", "out"].map((part) => `mlp.${part}`),
  ...["hidden", "cell"],
  ...["input", "forget", "output", "reset", "update", "candidate"].map((part) => `gate.${part}`),
  "residual",
];
const STEMS = ["embed", "layers", "final", "logits"];
const SIDES = ["encoder.", "decoder."];
const NAME = /^(encoder\.|decoder\.)?(embed|final|logits|layers)(?:\.(\d+)\.((?:forward\.|backward\.)?)(.+))?$/;

/** Whether a name follows the scheme of sites: `layers.3.mlp.hidden`, `final`. */
export function isSiteName(name: string): boolean {
  return NAME.test(name);
}

/** Sorts names as `inspect` lists sites: layers numerically, components in the design's order; others after them, by name. */
export function compareSiteNames(a: string, b: string): number {
  const [left, right] = [places(a), places(b)];
  const at = left.findIndex((place, i) => place !== right[i]);
  if (at >= 0) return left[at]! - right[at]!;
  return a < b ? -1 : a > b ? 1 : 0;
}

function places(name: string): number[] {
  const [, side = "", stem, layer = "0", direction = "", component = ""] = NAME.exec(name) ?? [];
  if (stem === undefined) return [SIDES.length, 0, 0, 0, 0];
  const known = COMPONENTS.indexOf(component);
  return [
    SIDES.indexOf(side),
    STEMS.indexOf(stem),
    Number(layer),
    direction === "backward." ? 1 : 0,
    known < 0 ? COMPONENTS.length : known,
  ];
}
