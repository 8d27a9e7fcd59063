"""Writes what scikit-learn and scipy say of small inputs to test/fixtures/methods: run it in the peers' environment."""

import json
from pathlib import Path

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform
from scipy.stats import spearmanr
from sklearn.metrics import average_precision_score

folder = Path(__file__).parents[2] / "test/fixtures/methods"
folder.mkdir(parents=True, exist_ok=True)
random = np.random.default_rng(20260101)


def average_precision():
    """Scores with many ties, negative zeros, and none; several concepts, one of a single row."""
    rows, columns = 211, 6
    x = random.standard_normal((rows, columns)).astype(np.float32)
    x[:, 1] = np.round(x[:, 1] * 2) / 2
    x[:, 2] = np.where(x[:, 2] < 0.5, np.where(random.random(rows) < 0.5, np.float32(-0.0), np.float32(0.0)), x[:, 2])
    x[:, 3] = 1
    tags = random.integers(0, 5, rows)
    x[tags == 2, 4] -= 2
    concepts = [tags == tag for tag in range(5)] + [np.arange(rows) == 17]
    positive = [[average_precision_score(c, x[:, j]) for c in concepts] for j in range(columns)]
    negative = [[average_precision_score(c, -x[:, j]) for c in concepts] for j in range(columns)]
    return {
        "x": [[float(v) for v in row] for row in x],
        "concepts": [[int(v) for v in c] for c in concepts],
        "positive": positive,
        "negative": negative,
        **responses(x.astype(np.float64), concepts),
    }


def responses(x, concepts):
    """Percentiles over a concept's rows and the mean over the others, columns × concepts."""
    columns = x.shape[1]
    return {
        "on_p50": [[float(np.percentile(x[c, j], 50)) for c in concepts] for j in range(columns)],
        "on_p90": [[float(np.percentile(x[c, j], 90)) for c in concepts] for j in range(columns)],
        "off_mean": [[float(x[~c, j].mean()) for c in concepts] for j in range(columns)],
    }


def clusters():
    """Average linkage of correlated columns, cut at several distances."""
    rows, columns = 60, 40
    base = random.standard_normal((rows, 9))
    x = (base[:, random.integers(0, 9, columns)] * random.choice([-1, 1], columns)
         + random.uniform(0.2, 1.5, columns) * random.standard_normal((rows, columns))).astype(np.float32)
    r = np.corrcoef(x.astype(np.float64), rowvar=False)
    cuts = {}
    for name, distances in [("absolute", 1 - np.abs(r)), ("signed", 1 - r)]:
        np.fill_diagonal(distances, 0)
        tree = linkage(squareform(distances, checks=False), method="average")
        cuts[name] = {
            "heights": [float(h) for h in tree[:, 2]],
            "labels": {str(t): [int(v) for v in fcluster(tree, t, "distance")] for t in (0.1, 0.3, 0.5, 0.7, 0.9)},
        }
    return {"x": [[float(v) for v in row] for row in x], **cuts}


def numbers():
    """Rank correlation with ties on both sides, numbers that some rows lack, and a constant column."""
    rows, columns = 150, 5
    x = random.standard_normal((rows, columns)).astype(np.float32)
    target = np.round(random.standard_normal(rows) * 2)
    x[:, 1] += target.astype(np.float32)
    x[:, 2] = np.round(x[:, 2])
    x[:, 3] = 2
    x[:, 4] = np.exp(-target).astype(np.float32)
    known = random.random(rows) < 0.8
    rho = [float(spearmanr(x[known, j], target[known]).statistic) for j in range(columns) if j != 3]
    r2 = [float(np.corrcoef(x[known, j].astype(np.float64), target[known])[0, 1] ** 2) for j in range(columns) if j != 3]
    return {
        "x": [[float(v) for v in row] for row in x],
        "numbers": [float(v) if k else None for v, k in zip(target, known)],
        "rho": [*rho[:3], 0, *rho[3:]],
        "r2": [*r2[:3], 0, *r2[3:]],
    }


for name, make in [("average-precision", average_precision), ("clusters", clusters), ("numbers", numbers)]:
    (folder / f"{name}.json").write_text(json.dumps(make(), separators=(",", ":")) + "\n")
