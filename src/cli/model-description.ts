import type { Encoder, HeadKind, Model } from "../model/model.js";

/** What there is to say about a model. */
export type ModelDescription = ReturnType<typeof describeModel>;

/** What a model is, in plain values. */
export function describeModel(model: Model) {
  const { name, path, family, head, layers, heads, encoder, maximumTokens, vocabulary, parameters, sites } = model;
  return {
    name,
    path,
    family,
    head,
    layers,
    heads,
    encoder: encoder && { ...encoder, maximumTokens: finite(encoder.maximumTokens) },
    positions: finite(maximumTokens),
    vocabulary,
    parameters,
    dtypes: model.dtypes,
    neurons: sites.reduce((sum, { width }) => sum + (width ?? 0), 0),
    sites,
    unused: model.unused,
  };
}

/** The same as lines of text: facts, then every site with its width. */
export function showModel(model: ModelDescription): string {
  const { encoder } = model;
  const facts = [
    ["family", model.family],
    ["head", nameHead(model.head.kind)],
    ...(model.head.labels.length > 0 ? [["labels", model.head.labels.join(", ")]] : []),
    ...(encoder ? [["encoder", `${showLayers(encoder)}, reads ${showPositions(encoder.maximumTokens)}`]] : []),
    [encoder ? "decoder" : "layers", showLayers(model)],
    ["reads", showPositions(model.positions)],
    ["vocabulary", count(model.vocabulary)],
    ["parameters", `${count(model.parameters)} (${model.dtypes.join(", ")})`],
    ["neurons", `${count(model.neurons)} at ${model.sites.length} sites`],
    ["unused", model.unused.length > 0 ? summarizeNames(model.unused) : "nothing in the file"],
  ];
  const width = Math.max(...model.sites.map(({ name }) => name.length));
  return [
    model.path,
    ...facts.map(([fact = "", value = ""]) => `  ${fact.padEnd(10)}  ${value}`),
    "",
    `  ${"site".padEnd(width)}  neurons`,
    ...model.sites.map(({ name, width: columns }) => `  ${name.padEnd(width)}  ${columns ?? "as many as tokens"}`),
  ].join("\n");
}

function finite(tokens: number): number | null {
  return Number.isFinite(tokens) ? tokens : null;
}

function showLayers({ layers, heads }: Pick<Encoder, "layers" | "heads">): string {
  return `${layers}${heads > 0 ? `, ${heads} heads each` : ""}`;
}

function showPositions(positions: number | null): string {
  return positions === null ? "sentences of any length" : `up to ${positions} tokens`;
}

function nameHead(kind: HeadKind): string {
  switch (kind) {
    case "none":
      return "none";
    case "causal":
    case "masked":
      return `${kind} language model`;
    case "sequence-classification":
      return "classifier of sequences";
    case "token-classification":
      return "classifier of tokens";
    case "sequence-scores":
      return "scores of sequences, which do not exclude each other";
    case "token-scores":
      return "scores of tokens, which do not exclude each other";
    default:
      return kind satisfies never;
  }
}

/** Names that differ by a layer's number as one: `h.0-11.attn.bias`. */
function summarizeNames(names: readonly string[]): string {
  const groups = new Map<string, number[]>();
  for (const name of names) {
    const number = /\.(\d+)\./.exec(name)?.[1];
    const pattern = number === undefined ? name : name.replace(`.${number}.`, ".#.");
    groups.set(pattern, [...(groups.get(pattern) ?? []), ...(number === undefined ? [] : [Number(number)])]);
  }
  return [...groups].map(([pattern, numbers]) => pattern.replace("#", showNumbers(numbers))).join(", ");
}

function showNumbers(numbers: readonly number[]): string {
  const sorted = numbers.toSorted((a, b) => a - b);
  const whole = sorted.every((number, i) => number === sorted[0]! + i);
  return whole && sorted.length > 1 ? `${sorted[0]}-${sorted.at(-1)}` : sorted.join("|");
}

function count(number: number): string {
  return number.toLocaleString("en");
}
