import { columnOf, damageAt, firstOf, holds, meanOf, placeOf, unseenRatios } from "./finding.mjs";
import { reliabilityOf } from "./halves.mjs";
import { beyondNoiseOf } from "./noise.mjs";
import { amount, between, counted, times } from "./numbers.mjs";
import { specialTokenText } from "./special-tokens.mjs";

/** What a reader sees in the results of each sweep, all of it counted from them. */
export const findings = {
  "all-minilm-l6-v2-head-representation": ({ result }) => {
    const [last, ...below] = result.sites.toReversed();
    const others = below.flatMap((site) => damageAt(site, result));
    const ratio = meanOf(damageAt(last, result)) / meanOf(others);
    holds(ratio > 1.5, "the last layer's heads move BERT's last residual most");
    return `The last layer's heads move it most, ${times(ratio)} as far as the others on average, and are ${firstOf(last, 10, result)} of the first ten: nothing behind them can make up for their loss. Below, every head moves it by ${amount(Math.min(...others), 2)} to ${amount(Math.max(...others), 2)}.`;
  },

  "all-minilm-l6-v2-neuron-representation": (results) => {
    const [ten, hundred] = unseenRatios(results.unseen.values);
    return `On sentences that the ranking has not seen, its first ten neurons do ${times(ten)} the damage of random ones, its first hundred ${times(hundred)}.\n\n${specialTokenText(results.special, results.result)}`;
  },

  "small-gpt2-head-loss": ({ result }) => {
    const { scores, order } = result;
    const [first, second] = order.map((column) => scores[column]);
    const others = scores.filter((score) => score > 0 && score < first).reduce((sum, score) => sum + score, 0);
    const { above, below, chance } = beyondNoiseOf(result);
    holds(first > others, "one head does more damage to the loss than all others together");
    holds(below > 3 * chance, "the model is better without some heads");
    return `One head carries ${times(first / second)} as much as the next, and more than all others that help together (${amount(others)}). The ${below} heads whose interval lies below 0 are more than chance: the model predicts this corpus a little better with each of them at its mean, and a little worse with each of ${above} others.`;
  },

  "small-gpt2-neuron-loss": ({ result, unseen, halves }) => {
    const [ten, hundred] = unseenRatios(unseen.values);
    const [lowest] = result.sites;
    holds(result.scores[result.order[0]] < 0.01, "a single neuron is worth some thousandths of a nat at most");
    holds(halves.shared.mean < 5, "halves do not agree on the first ten neurons by loss");
    return `To be read as a group, not one by one. No single neuron is worth more than ${amount(result.scores[result.order[0]], 2)} nats, and halves of the sentences share ${halves.shared.mean.toFixed(1)} of their first ten; yet on sentences that the ranking has not seen, its first ten do ${times(ten)} the damage of random ones, and its first hundred ${times(hundred)}. In the first layer lie ${firstOf(lowest, 10, result)} of the first ten, and ${firstOf(lowest, 100, result)} of the first hundred.`;
  },

  "small-gpt2-neuron-kl": ({ halves, loss, unseen }) => {
    const [ten, hundred] = unseenRatios(unseen.values);
    const [own, others] = [halves.correlation.mean, loss.halves.correlation.mean];
    holds(own > 2 * others, "kl ranks neurons far more steadily than the loss over the same sentences");
    return `KL counts any change of what the model says, for better or worse, so all intervals are above 0 and the ranking says what a neuron moves, not what it is good for. That is known from few sentences: halves of the same ones agree at a rank correlation of ${own.toFixed(2)}, by loss at ${others.toFixed(2)}. On unseen sentences the first ten move ${times(ten)} as much as random ones, the first hundred ${times(hundred)}.`;
  },

  "byte-lstm-lm-neuron-loss": ({ result, unseen }) => {
    const [ten, hundred] = unseenRatios(unseen.values);
    const [space, bracket] = [columnOf("layers.0.hidden", 110, result), columnOf("layers.1.hidden", 216, result)];
    const { low, high } = result.intervals;
    const units = result.order.length;
    holds(placeOf(space, result) > units / 2, "the unit that follows spaces is not among those needed most");
    holds(low[space] < 0 && high[space] > 0, "the interval of the unit that follows spaces holds 0");
    return `What is easiest to read is not what is needed most: the unit that follows spaces most closely (\`layers.0.hidden:110\`, see the README) is number ${placeOf(space, result)} of ${counted(units)}, with an interval of ${between(low[space], high[space])}; the unit that follows brackets (\`layers.1.hidden:216\`) is number ${placeOf(bracket, result)}. Here too the ranking holds as a group: on unseen sentences its first ten do ${times(ten)} the damage of random ones, its first hundred ${times(hundred)}.`;
  },
};

/** How far two rankings of the same neurons over the same sentences say the same, and could. */
export function compareRankings(loss, divergence, correlation) {
  const top = new Set(divergence.result.order.slice(0, 10));
  const shared = loss.result.order.slice(0, 10).filter((column) => top.has(column)).length;
  const own = [loss, divergence].map(({ halves }) => reliabilityOf(halves.correlation.mean));
  const corrected = correlation / Math.sqrt(own[0] * own[1]);
  holds(corrected < 0.7, "damage to the loss and change by kl are different things");
  return `Over the same sentences the rankings by loss and by kl share ${shared} of their first ten neurons, with a rank correlation of ${correlation.toFixed(2)} over all. Noise alone does not explain that: corrected for how well each agrees with itself (Spearman 1904; halves, carried to the whole by Spearman and Brown, ${own[0].toFixed(2)} and ${own[1].toFixed(2)}) it is ${corrected.toFixed(2)}. A neuron may change what a model says without making it worse.`;
}
