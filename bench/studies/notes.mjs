/** What a reader sees in the tables, by the name of the study: written by hand, of the numbers that stand there. */
export const notes = {
  title: `# Sweeps of real models

Written by \`npm run studies\`, with commands that anybody can type (bench/studies). Every unit is set to its mean over the ablated positions, and *damage* is how much worse the metric becomes; intervals are 95 % of a bootstrap over sentences. Neurons are those of \`layers.*.mlp.hidden\` (of the LSTM: \`layers.*.hidden\`); the contexts beside them are the words (of the LSTM: the bytes) of the whole of EWT dev on which they are largest. A context says what a neuron answers to, its damage what the model needs it for: that the two have to do with each other is the reader's guess.`,

  "all-minilm-l6-v2-head-representation": `Damage is how far the last residual moves, as a share of its length. The last layer's heads move it most, since nothing behind them can make up for it; below, no head moves it by more than .12, and none by less than .03.`,

  "all-minilm-l6-v2-neuron-representation": `Special tokens are left as they are for a reason. With \`--positions all\` three others come first: \`layers.0.mlp.hidden:856\` (1.53), \`layers.1.mlp.hidden:607\` (.98) and \`layers.2.mlp.hidden:1004\` (.61). They are 24.7, 20.4 and 17.5 at [CLS] and about 0 at every word, so their mean over all positions is a value that no word ever has: what is measured is the harm of the mean, not the loss of the neuron. The same holds on a smaller scale of any neuron that is rarely on, such as the first of this table, which answers to rare names and addresses; half a dozen of the others answer to numbers, commas and hyphens.`,

  "small-gpt2-head-loss": `One head carries ten times as much as the next, and more than all others together. The heads below 0 are no noise: the model predicts this corpus a little better with each of them at its mean.`,

  "small-gpt2-neuron-loss": `To be read as a group, not one by one. A single neuron is worth some thousandths of a nat, and over 50 sentences the halves do not agree on the first ten; yet on sentences that the ranking has not seen, its first ten do seven times the damage of random ones, and its first hundred five times. The ten lie in the first layer, as do 72 of the first hundred.`,

  "byte-lstm-lm-neuron-loss": `Several units are easy to name: \`layers.1.hidden:202\` is inside numbers with zeros, \`layers.1.hidden:346\` inside telephone numbers in brackets, \`layers.1.hidden:85\` at an apostrophe behind "you", \`layers.1.hidden:478\` at dots. What is easiest to read is not what is needed most: the unit that follows spaces most closely (\`layers.0.hidden:110\`, see the README) is 727th of 1,024 and its interval holds 0, the bracket unit \`layers.1.hidden:216\` is 33rd. Here too the ranking holds as a group.`,

  "small-gpt2-neuron-kl": `KL counts any change of what the model says, for better or worse, so all intervals are above 0 and the ranking says what a neuron moves, not what it is good for. That is known from few sentences: on 15 of them it is steadier than the loss on 50. Most of its first ten are easy to name: "the" (610), commas (300), exclamation marks (259), full stops (262), capitalised names (26, in the last layer).`,

  "small-gpt2-blimp": `Heads carry a set only where the model has learnt it. Of the two sets that it gets well above chance, anaphor number rests on heads 0 and 2 of the last layer, and regular plural agreement on no single head. Of gender, distractors and polarity items it gets less than half: what a head adds there is a preference, not a skill, and without five of the heads gender goes better.`,
};
