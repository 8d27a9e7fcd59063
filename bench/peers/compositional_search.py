"""Compositional explanations as Mu and Andreas (2020) describe and run them: every formula is evaluated on every row.

A formula is a row mask. The beam begins with the best features; each step joins every formula of the beam with every
feature whose IoU is above 0 by OR, AND and AND NOT, pools what comes of it with the beam, and keeps the best.
"""

import heapq

import numpy as np


def intersection_over_union(a, b):
    return (a & b).sum() / ((a | b).sum() + np.finfo(np.float32).tiny)


def best_score(neuron, features, beam_size=10, length=3):
    """The largest IoU of the formulas in the last beam; neuron is rows, features are features x rows, all booleans."""
    scored = [(intersection_over_union(feature, neuron), feature) for feature in features]
    useful = [feature for score, feature in scored if score > 0]
    beam = heapq.nlargest(beam_size, scored, key=lambda pair: pair[0])
    for _ in range(length - 1):
        made = []
        for _, formula in beam:
            for feature in useful:
                for joined in (formula | feature, formula & feature, formula & ~feature):
                    made.append((intersection_over_union(joined, neuron), joined))
                if len(made) > 1000:  # only what may stay in the beam is kept in memory
                    made = heapq.nlargest(beam_size, made, key=lambda pair: pair[0])
        beam = heapq.nlargest(beam_size, beam + made, key=lambda pair: pair[0])
    return beam[0][0]
