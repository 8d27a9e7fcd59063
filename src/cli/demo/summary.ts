import { neuronName } from "../../core/sites.js";
import type { DeviceDescription } from "../../device/device.js";
import type { Ranking } from "../../methods/result.js";
import { conceptText } from "../../reports/headings.js";
import type { Found, Search } from "./concepts.js";
import type { Continuation } from "./continuation.js";
import type { Check } from "./quote-neuron.js";

/** Every concept with the share of words that have it, the best neuron of each model with its average precision, and the next. */
export function conceptTable(searches: readonly Search[]): string {
  const names = searches[0]?.found.map(({ name }) => name) ?? [];
  const width = Math.max(...names.map((name) => name.length));
  const shares = searches[0]?.found.map(({ share }) => decimals(share).padStart(6)) ?? [];
  const rule = searches.map(({ model }) => `── ${model.name} ${"─".repeat(32 - model.name.length)}`);
  const head = searches.map(() => `${"best neuron".padEnd(24)}    AP  next`);
  const rows = names.map((name, i) => {
    const cells = searches.map(({ found }) => bestCell(found[i]!.averagePrecision));
    return [`${name.padEnd(width)}  ${shares[i]}`, ...cells].join("   ");
  });
  const margin = "".padEnd(width);
  return [[`${margin}        `, ...rule].join("   "), [`${margin}  chance`, ...head].join("   "), ...rows].join("\n");
}

function bestCell({ sites, order, scores }: Ranking): string {
  const [first = 0, second = 0] = order;
  return `${neuronName(sites, first).padEnd(24)}${decimals(scores[first]!).padStart(6)}${decimals(scores[second]!).padStart(6)}`;
}

/** Whether the other methods choose the same neuron. */
export function agreementSentence({ name, averagePrecision, iou, probeless }: Found): string {
  const best = bestNeuron(averagePrecision);
  const concept = `${name} (${conceptText(averagePrecision.concept)})`;
  const [second, third] = [bestNeuron(iou), bestNeuron(probeless)];
  if (second === best && third === best)
    return `For ${concept}, average precision, IoU and probeless all choose ${best}.`;
  return `For ${concept}, average precision chooses ${best}, IoU ${second} and probeless ${third}.`;
}

/** The concepts for which no model has a neuron with an average precision of a half. */
export function missingSentence(searches: readonly Search[]): string {
  const [first] = searches;
  const missing = (first?.found ?? []).flatMap(({ name, share }, i) => {
    const best = Math.max(...searches.map(({ found }) => topScore(found[i]!.averagePrecision)));
    return best < 0.5 ? [`${name} (at best ${decimals(best)}, chance ${decimals(share)})`] : [];
  });
  return missing.length === 0 ? "Every concept has its neuron." : `No neuron was found for ${missing.join(" and ")}.`;
}

function topScore({ order, scores }: Ranking): number {
  return scores[order[0] ?? 0] ?? 0;
}

/** What ablation says: one neuron's damage beside that of random ones, and of all others in turn. */
export function ablationSentences(ranking: Ranking, { curve, each }: Check): string[] {
  const best = bestNeuron(ranking);
  const { baseline, counts, top, draws } = curve.values;
  const one = counts.indexOf(1);
  const random = median(draws.map((draw) => draw[one]!));
  const [first = 0, second = 0] = each.order;
  return [
    `The loss on the quotation marks of 40 other sentences is ${decimals(baseline)} nats. Without ${best} it is ${decimals(top[one]!)}, without one neuron drawn at random ${decimals(random)} (the median of ${draws.length}).`,
    `Of all ${each.order.length} neurons, ablated one at a time, most damage comes from ${neuronName(each.sites, first)} (${decimals(each.scores[first]!)}), then ${neuronName(each.sites, second)} (${decimals(each.scores[second]!)}).`,
  ];
}

/** The lower of the two middle values of an even number. */
function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)]!;
}

/** A sentence as the model writes it, and with the neuron held. */
export function continuationLines(neuron: string, { asItIs, held, value, prompt }: Continuation): string[] {
  const set = `${neuron} = ${value > 0 ? "+" : "−"}${Math.abs(value)}`;
  const width = Math.max(set.length, "as it is".length);
  return [
    `  ${"as it is".padEnd(width)}  ${prompt}│${asItIs.slice(prompt.length)}`,
    `  ${set.padEnd(width)}  ${prompt}│${held.slice(prompt.length)}`,
  ];
}

/** The same in one sentence. */
export function continuationSentence(neuron: string, { asItIs, held, value }: Continuation): string {
  return `With ${neuron} held at ${value > 0 ? "+" : "−"}${Math.abs(value)} the model writes ‘${held}’ where it writes ‘${asItIs}’ by itself.`;
}

/** How long ranking took, beside ablating one neuron at a time. */
export function speedSentence(searches: readonly Search[], { milliseconds, each }: Check): string {
  const neurons = searches.reduce((sum, { source }) => sum + source.columns, 0);
  const rankings = searches.reduce((sum, { found }) => sum + 3 * found.length, 0);
  const time = searches.reduce((sum, one) => sum + one.milliseconds.extract + one.milliseconds.rank, 0);
  return `${rankings} rankings of ${neurons} neurons, activations included: ${seconds(time)}. Ablating ${each.order.length} neurons one at a time, for one concept on a tenth of the sentences: ${seconds(milliseconds.each)}.`;
}

/** The device as a reader says it: `native (avx512, 2 threads)`. */
export function deviceText({ name, kind, features, limits }: DeviceDescription): string {
  if (kind !== "native") return name;
  const isa = features.find((feature) => feature.startsWith("isa:"))?.slice("isa:".length);
  return `${name} (${isa}, ${limits.threads} threads)`;
}

export function bestNeuron({ sites, order }: Ranking): string {
  return neuronName(sites, order[0] ?? 0);
}

function decimals(value: number): string {
  return value.toFixed(3).replace(/^0\./, ".");
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
