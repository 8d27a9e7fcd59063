"""correlation_clusters.py X.npy THRESHOLD OUT.json: average linkage of 1 - |r| with numpy and scipy."""

import json
import sys

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

source, threshold, out = sys.argv[1], float(sys.argv[2]), sys.argv[3]
distance = 1 - np.abs(np.corrcoef(np.load(source), rowvar=False))
np.fill_diagonal(distance, 0)
tree = linkage(squareform(distance, checks=False), method="average")
raw = fcluster(tree, threshold, criterion="distance")
first = {}
labels = [first.setdefault(label, len(first)) for label in raw.tolist()]
with open(out, "w") as file:
    json.dump({"labels": labels}, file)
