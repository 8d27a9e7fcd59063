import type { FoundNGram } from "../../corpus/n-grams.js";
import { contentOf } from "../../corpus/n-grams.js";
import type { Tokenizer } from "../../model/tokenizer.js";
import type { LeadingNGrams } from "./leading-n-grams.js";
import type { CorpusNGrams, MaximizedTarget, SearchRun, ValuedNGram } from "./maximization.js";
import { valuesOf } from "./maximization-targets.js";
import type { NGramSearch, Scored } from "./n-gram-search.js";
import type { Reading } from "./n-gram-searches.js";

/** What was found, beside what its text gives when it is tokenised anew. */
export async function describeTargets(
  reading: Reading,
  searches: readonly (readonly NGramSearch[])[],
  corpus: { readonly leading: readonly LeadingNGrams[]; readonly nGrams: readonly FoundNGram[] },
): Promise<MaximizedTarget[]> {
  const { model } = reading.reader;
  const found = await Promise.all(
    searches.map(async (own, target) => {
      const runs = await Promise.all(
        own.map((search, i) => describeSearch(reading, search, i, corpus.nGrams.length > 0)),
      );
      const best = runs
        .map(({ best }) => best)
        .reduce((a, b) => (reading.sign * b.value > reading.sign * a.value ? b : a));
      return { runs, best, corpus: await describeCorpus(reading, corpus.leading[target]!, corpus.nGrams) };
    }),
  );
  const texts = await model.tokenizer.encode(found.map(({ best }) => best.text), { unknown: "skip" }); // biome-ignore format: one line
  const values = await readTexts(reading, texts.map(contentOf));
  return found.map(({ runs, best, corpus }, i) => {
    return { neurons: reading.targets[i]!.neurons, best: { ...best, textValue: values[i]! }, corpus, searches: runs };
  });
}

/** The value of each target when the model reads the i-th text; null for one without a token or with too many. */
async function readTexts(
  { reader, targets, context }: Reading,
  texts: readonly Uint32Array[],
): Promise<(number | null)[]> {
  const values: (number | null)[] = targets.map(() => null);
  const told = [...texts.keys()].filter((i) => texts[i]!.length > 0 && texts[i]!.length <= reader.longest);
  await reader.each(
    told.map((i) => texts[i]!),
    (rows, first, count) => {
      for (let row = 0; row < count; row++) {
        const target = told[first + row]!;
        values[target] = valuesOf(rows, count, targets[target]!)[row]!;
      }
    },
    context.signal,
  );
  return values;
}

async function describeSearch(
  { reader, sign }: Reading,
  search: NGramSearch,
  place: number,
  hasCorpus: boolean,
): Promise<SearchRun> {
  return {
    start: place === 0 && hasCorpus ? "corpus" : "random",
    best: await describeNGram(reader.model.tokenizer, search.kept[0]!, sign),
    trace: search.trace.map(([evaluations, value]) => [evaluations, sign * value]),
  };
}

async function describeCorpus(
  { reader, sign }: Reading,
  leading: LeadingNGrams,
  nGrams: readonly FoundNGram[],
): Promise<CorpusNGrams | null> {
  const [first] = leading.best;
  if (!first) return null;
  const { sentence, position } = nGrams[first.place]!;
  const best = { ...(await describeNGram(reader.model.tokenizer, first, sign)), sentence, position };
  return { best, count: leading.count, mean: sign * leading.mean, deviation: leading.deviation };
}

async function describeNGram(tokenizer: Tokenizer, { ids, value }: Scored, sign: number): Promise<ValuedNGram> {
  return {
    value: sign * value,
    ids: [...ids],
    tokens: Array.from(ids, (id) => tokenizer.token(id) ?? `id ${id}`),
    text: await tokenizer.decode(ids),
  };
}
