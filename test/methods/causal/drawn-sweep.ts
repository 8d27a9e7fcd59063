import { random } from "../../../src/core/random.js";
import type { Site } from "../../../src/core/sites.js";
import { readItem } from "../../../src/corpus/agreement-items.js";
import { type Corpus, type Sentence, sentenceOf } from "../../../src/corpus/corpus.js";
import { labelPair } from "../../../src/corpus/pairs.js";
import type { PositionsName } from "../../../src/methods/causal/ablated-rows.js";
import { isOfPairs, isWritten, type MetricName, metricNames } from "../../../src/methods/causal/metric.js";
import type { ReplacementName } from "../../../src/methods/causal/replacement.js";
import type { UnitName } from "../../../src/methods/causal/units.js";
import type { Model } from "../../../src/model/model.js";
import { selectSites } from "../../../src/model/sites.js";
import { isSourceSite } from "../../../src/model/stacks.js";

/** A sweep that was drawn: what is ablated, by what, over which texts, and how it is cut. */
export interface DrawnSweep {
  readonly each: UnitName;
  readonly sites: readonly Site[];
  /** The columns of the sites, side by side, that each unit has. */
  readonly units: readonly (readonly number[])[];
  readonly value: ReplacementName;
  readonly metric: MetricName;
  readonly positions: PositionsName;
  readonly concept: string | null;
  /** Whether the first two of the ranking are ablated together too. */
  readonly pairs: boolean;
  /** A text that recurrent models read before each of the corpus. */
  readonly warmUp: string | null;
  readonly batchTokens: number;
  readonly corpus: Corpus;
  readonly seed: number;
}

const values: readonly ReplacementName[] = ["zero", 0.7, "flip", "mean", "p25", "resample", "noise"];

/**
 * Draws a sweep that fits a model.
 *
 * @param kind `few`: of every neuron, or of groups of few, of sites that a linear map reads, at once or behind a
 * nonlinearity or attention, in large batches, for which there are closed forms
 */
export function drawSweep(model: Model, seed: number, kind: "any" | "few"): DrawnSweep {
  const uniform = random(seed);
  const draw = (most: number) => Math.floor(most * uniform());
  const pick = <T>(all: readonly T[]): T => all[draw(all.length)]!;
  const metric = pick(metricsOf(model));
  const heads = model.heads > 0 ? model.sites.filter(({ name }) => /(attention|cross)\.heads$/.test(name)) : [];
  const each =
    kind === "few"
      ? pick(["neuron", "group"] as const)
      : pick(["neuron", "layer", "group", ...(heads.length > 0 ? ["head" as const] : [])] as const);
  const wide = model.sites.filter(({ name, width, rows }) => {
    return width !== null && rows !== "sequence" && !name.endsWith("logits") && (each !== "layer" || /layers\./.test(name)); // biome-ignore format: one line
  });
  const linear = wide.filter(({ name }) => /(heads|hidden|gate|pre|query|key|value)$/.test(name));
  const some = each === "head" ? heads : kind === "few" ? linear : wide;
  const first = pick(some);
  const near = some.filter(({ name }) => !model.encoder || isSourceSite(name) === isSourceSite(first.name)); // biome-ignore format: one line
  const names = new Set([first, ...Array.from({ length: draw(3) }, () => pick(near))].map(({ name }) => name));
  const sites = selectSites(model.sites, [...names]);
  const units = kind === "few" && each === "group" ? fewOf(sites, draw) : unitsOf(model, each, sites, draw);
  const carries = model.encoder === null && model.sites.some(({ name }) => name === "layers.0.hidden");
  const words = isOfPairs(metric) || metric === "representation" || uniform() < 0.6;
  return {
    each,
    sites,
    units,
    value: pick(values),
    metric,
    positions: pick(["all", "all", "content", "last"] as const),
    concept: words ? null : `mark=${marksOf(model)[1]}`,
    pairs: units.length > 1 && uniform() < 0.3,
    warmUp: carries && uniform() < 0.4 ? "cb a" : null,
    batchTokens: kind === "few" ? 4096 : pick([1, 25, 120, 4096]),
    corpus: drawCorpus(model, metric, draw),
    seed: draw(1000),
  };
}

/** The metrics that a model's head has, of what it predicts. */
function metricsOf({ head }: Model): MetricName[] {
  if (head.kind === "none" || head.kind.endsWith("scores")) return ["representation"];
  return metricNames.filter(
    (metric) => !isWritten(metric) && !(head.kind.endsWith("classification") && isOfPairs(metric)),
  );
}

function unitsOf(model: Model, each: UnitName, sites: readonly Site[], draw: (most: number) => number): number[][] {
  const columnsOf = ({ offset, width }: Site) => Array.from({ length: width }, (_, i) => offset + i);
  const all = sites.flatMap(columnsOf);
  switch (each) {
    case "neuron":
      return all.map((column) => [column]);
    case "layer": {
      const names = [...new Set(sites.map(({ name }) => /^.*layers\.\d+/.exec(name)![0]))];
      return names.map((name) => sites.filter((site) => site.name.startsWith(`${name}.`)).flatMap(columnsOf));
    }
    case "head":
      return sites.flatMap((site) => {
        const count = site.name.startsWith("encoder.") ? model.encoder!.heads : model.heads;
        const width = site.width / count;
        return Array.from({ length: count }, (_, head) => columnsOf(site).slice(head * width, (head + 1) * width));
      });
    default: // groups that may share neurons, across sites and layers
      return Array.from({ length: 6 }, () => [...new Set(Array.from({ length: 1 + draw(8) }, () => all[draw(all.length)]!))].sort((a, b) => a - b)); // biome-ignore format: one line
  }
}

/** Groups of an eighth of a site at most. */
function fewOf(sites: readonly Site[], draw: (most: number) => number): number[][] {
  return Array.from({ length: 40 }, () => {
    const { offset, width } = sites[draw(sites.length)]!;
    const columns = Array.from({ length: Math.max(1, Math.floor(width / 8)) }, () => offset + draw(width));
    return [...new Set(columns)].sort((a, b) => a - b);
  });
}

/** What words are annotated with: a classifier's classes. */
function marksOf({ head }: Model): readonly string[] {
  return head.labels.length > 0 ? head.labels : ["a", "b"];
}

/** Some short texts; of pairs two at a time that differ in their ends. */
function drawCorpus(model: Model, metric: MetricName, draw: (most: number) => number): Corpus {
  const letters = "abcdefgh";
  const word = (most: number) => Array.from({ length: 1 + draw(most) }, () => letters[draw(letters.length)]!).join("");
  const text = () => (draw(2) === 0 ? word(5) : `${word(3)} ${word(2)}`);
  const marks = marksOf(model);
  const marked = (written: string, mark = () => marks[draw(marks.length)]!) => {
    const places = [...written.matchAll(/\S+/g)];
    const words = places.map(({ 0: form, index: start }) => {
      return { form, start, end: start + form.length, annotations: { form, mark: mark() } };
    });
    return sentenceOf(written, words, { label: mark() });
  };
  const beside = (sentence: Sentence): Sentence => (model.encoder ? { ...marked(text()), target: sentence } : sentence);
  const corpusOf = (sentences: readonly Sentence[]) => ({ path: "drawn", fingerprint: "f", sentences });
  if (!isOfPairs(metric)) {
    const sentences = Array.from({ length: 2 + draw(2) }, () => beside(marked(text())));
    const [without, having] = [beside(marked("ca", () => marks[0]!)), beside(marked("b bd", () => marks[1]!))];
    return corpusOf([...sentences, without, having]); // some have the concept, and some lack it
  }
  return corpusOf(
    Array.from({ length: 2 + draw(2) }, (_, pair) => {
      const form = word(2);
      const fields = { sentence: `${word(2)}___${word(2)}`, correct: form, wrong: `${word(1)}${form}` };
      const [good, bad] = readItem("drawn", 1, fields, "written");
      const source = marked(text());
      const both = [good, bad].map((one) => (model.encoder ? { ...source, target: one } : one));
      return labelPair(pair, both[0]!, both[1]!);
    }).flat(),
  );
}
