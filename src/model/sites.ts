import { ArgumentError } from "../core/errors.js";
import type { Site } from "../core/sites.js";
import { suggest } from "../core/suggest.js";
import type { Activation } from "./activation.js";
import type { NetworkHead } from "./network.js";

/** A site of a model. */
export interface ModelSite {
  readonly name: string;
  /** Columns; null for `attention.scores`, whose width is the sequence's length. */
  readonly width: number | null;
  /**
   * Left out: a row per token. The logits of a sequence classifier have a row per sequence; the keys and values of a
   * decoder's attention to its encoder one per token of the source.
   */
  readonly rows?: "sequence" | "source";
  /** Whether it stands behind a ReLU: many of its values are zero, bit by bit. */
  readonly zeros?: true;
}

/**
 * Chooses sites by selectors: exact names, globs and ranges, in one string joined by commas or in a list.
 * `*` stands for any part between two dots and, at the end, for all that is left; `0-3` stands for 0, 1, 2 and 3.
 *
 *     selectSites(model.sites, "layers.0-3.mlp.hidden,final")
 *
 * @returns each chosen site once, in the model's order whatever the selector's, with its offset as one matrix has it
 * @throws ArgumentError for a selector that matches nothing, in part of its range either, or names a site without a fixed width
 */
export function selectSites(sites: readonly ModelSite[], selector: string | readonly string[]): Site[] {
  const parts = (typeof selector === "string" ? selector.split(",") : selector).map((part) => part.trim());
  const chosen = new Set(parts.flatMap(expandRanges).flatMap((part) => matchSites(sites, part)));
  const selected: Site[] = [];
  let offset = 0;
  for (const { name, width } of sites) {
    if (width === null || !chosen.has(name)) continue;
    selected.push({ name, width, offset });
    offset += width;
  }
  return selected;
}

/** What tells the sites of one transformer from another's. */
export interface TransformerWidths {
  readonly layers: number;
  /** Of the residual stream. */
  readonly width: number;
  /** Of queries and concatenated heads; `width` where left out. */
  readonly headsWidth?: number;
  readonly keyWidth: number;
  readonly hidden: number;
  readonly gated?: boolean;
  /** Of the MLP. */
  readonly activation: Activation;
  /** Of the queries and heads of attention to an encoder, where there is such attention; its keys are as wide. */
  readonly crossWidth?: number;
  /** Whether a last norm follows the layers. */
  readonly final?: boolean;
  /** null where there is none. */
  readonly head: NetworkHead | null;
}

/** The sites of a transformer with one stack of layers. */
export function transformerSites(widths: TransformerWidths): ModelSite[] {
  const {
    layers,
    width,
    headsWidth = width,
    keyWidth,
    hidden,
    gated = false,
    activation,
    crossWidth,
    final = false,
    head,
  } = widths;
  const layer: [name: string, width: number | null][] = [
    ["attention.query", headsWidth],
    ["attention.key", keyWidth],
    ["attention.value", keyWidth],
    ["attention.scores", null],
    ["attention.heads", headsWidth],
    ["attention.out", width],
    ...(crossWidth === undefined ? [] : crossSites(crossWidth, width)),
    ...(gated ? [["mlp.gate", hidden] satisfies [string, number]] : []),
    ["mlp.pre", hidden],
    ["mlp.hidden", hidden],
    ["mlp.out", width],
    ["residual", width],
  ];
  const numbers = Array.from({ length: layers }, (_, n) => n);
  return [
    { name: "embed", width },
    ...numbers.flatMap((n) =>
      layer.map(([name, width]) => ({
        name: `layers.${n}.${name}`,
        width,
        ...(name === "mlp.hidden" && activation === "relu" && { zeros: true as const }),
      })),
    ),
    ...(final ? [{ name: "final", width }] : []),
    ...logitsOf(head),
  ];
}

/** The site of a head's logits; none where there is no head. */
export function logitsOf(head: NetworkHead | null): ModelSite[] {
  if (!head) return [];
  const { kind, width } = head;
  return [{ name: "logits", width, ...(kind.startsWith("sequence") && { rows: "sequence" }) }];
}

function crossSites(crossWidth: number, width: number): [name: string, width: number | null][] {
  return [
    ["cross.query", crossWidth],
    ["cross.key", crossWidth],
    ["cross.value", crossWidth],
    ["cross.scores", null],
    ["cross.heads", crossWidth],
    ["cross.out", width],
  ];
}

/** The sites of one stack of an encoder-decoder. */
export function sitesOfStack(stack: "encoder" | "decoder", sites: readonly ModelSite[]): ModelSite[] {
  const ofSources = (name: string) => name.endsWith(".cross.key") || name.endsWith(".cross.value");
  return sites.map((site) => ({
    ...site,
    name: `${stack}.${site.name}`,
    ...(ofSources(site.name) && { rows: "source" }),
  }));
}

/** Finds a site by its exact name. @throws ArgumentError that lists the sites and suggests near names */
export function findSite(sites: readonly ModelSite[], name: string): ModelSite {
  const found = sites.find((site) => site.name === name);
  if (found === undefined) throw unknownSite(sites, name);
  return found;
}

/** The layer a site's name speaks of: 3 for `layers.3.residual`; null for `embed`, `final` and `logits`. */
export function layerOf(site: string): number | null {
  const found = /(?:^|\.)layers\.(\d+)\./.exec(site);
  return found ? Number(found[1]) : null;
}

/** The names of sites in short, as selectors have them: `layers.0-5.residual` for six of them. */
export function summarizeSites(sites: readonly Pick<ModelSite, "name">[]): string {
  const layers = new Map<string, (number | null)[]>();
  for (const { name } of sites) {
    const pattern = name.replace(/layers\.\d+\./, "layers.#.");
    const numbers = layers.get(pattern) ?? [];
    layers.set(pattern, [...numbers, layerOf(name)]);
  }
  return [...layers]
    .flatMap(([pattern, numbers]) => runsOf(numbers).map((run) => pattern.replace("#", run)))
    .join(", ");
}

/** `0-2` and `4` for the layers 0, 1, 2 and 4. */
function runsOf(numbers: readonly (number | null)[]): string[] {
  const isFirst = (number: number | null, i: number) => i === 0 || number !== numbers[i - 1]! + 1;
  const firsts = [...numbers.keys()].filter((i) => isFirst(numbers[i]!, i));
  return firsts.map((first, i) => {
    const last = (firsts[i + 1] ?? numbers.length) - 1;
    return first === last ? `${numbers[first] ?? ""}` : `${numbers[first]}-${numbers[last]}`;
  });
}

function matchSites(sites: readonly ModelSite[], selector: string): string[] {
  const exact = sites.find((site) => site.name === selector);
  if (exact?.width === null) throw new ArgumentError("sites", "sites of a fixed width", selector);
  if (exact) return [selector];
  const pattern = toPattern(selector);
  const names = sites.filter((site) => site.width !== null && pattern.test(site.name)).map((site) => site.name);
  if (names.length === 0) throw unknownSite(sites, selector);
  return names;
}

/** `layers.0-1.*` → `layers.0.*`, `layers.1.*`. */
function expandRanges(selector: string): string[] {
  const found = /(?<=^|\.)(\d+)-(\d+)(?=\.|$)/.exec(selector);
  if (!found) return [selector];
  const [first, last] = [Number(found[1]), Number(found[2])];
  if (first > last || last - first > 100_000)
    throw new ArgumentError("sites", "ranges from a lower to a higher layer", selector);
  const before = selector.slice(0, found.index);
  const after = selector.slice(found.index + found[0].length);
  return Array.from({ length: last - first + 1 }, (_, i) => `${before}${first + i}${after}`).flatMap(expandRanges);
}

function toPattern(glob: string): RegExp {
  const literal = glob.replace(/[\\^$.|?+()[\]{}]/g, "\\$&");
  return new RegExp(`^${literal.replace(/\*$/, ".+").replace(/\*/g, "[^.]*")}$`);
}

function unknownSite(sites: readonly ModelSite[], name: string): ArgumentError {
  const names = sites.map((site) => site.name);
  const stacks = [`encoder.${name}`, `decoder.${name}`].filter((full) =>
    sites.some((site) => toPattern(full).test(site.name)),
  );
  const near = stacks.length > 0 ? ` (did you mean ${stacks.join(" or ")}?)` : suggest(name, names);
  return new ArgumentError("sites", `a site of the model: ${summarizeSites(sites)}${near}`, name);
}
