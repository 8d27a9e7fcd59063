import type { DamageRanking } from "../../src/methods/causal/ablate-each.js";
import { rankScores } from "../../src/methods/order.js";
import { rankingExample } from "./examples.js";

/** A sweep of eight units, four in each of two layers; of which 1 and 4 do harm beyond noise, and 6 the opposite. */
export function sweepExample(each: "head" | "neuron"): DamageRanking {
  const scores = Float64Array.of(0.01, 0.8, 0, 0.02, 0.2, 0, -0.3, 0);
  const half = Float64Array.of(0.1, 0.2, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1);
  const site = { head: "attention.heads", neuron: "mlp.hidden" }[each];
  return {
    kind: "ranking",
    method: "ablation",
    concept: null,
    sites: [0, 1].map((layer) => ({ name: `layers.${layer}.${site}`, width: 4, offset: 4 * layer })),
    ...rankScores(scores),
    intervals: {
      level: 0.95,
      resamples: 1000,
      sentences: 12,
      low: scores.map((score, i) => score - half[i]!),
      high: scores.map((score, i) => score + half[i]!),
    },
    baseline: 2.5,
    metric: "loss",
    value: "mean",
    tokens: 356,
    skipped: 0,
    operations: { sweep: 1, wholePasses: 2 },
    plan: { tokens: 4096, passages: 1, copies: [8, 8], span: 8, bytes: 2 ** 20 },
    options: { each, sites: [], value: "mean", metric: "loss", positions: "all" },
    provenance: rankingExample().provenance,
  };
}
