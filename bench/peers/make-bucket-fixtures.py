"""Makes test/fixtures/distance-buckets.json: the buckets of distances between tokens of T5, as transformers finds them.

    python bench/peers/make-bucket-fixtures.py
"""

import json
import pathlib

import torch
from transformers.models.t5.modeling_t5 import T5Attention

OUT = pathlib.Path(__file__).resolve().parents[2] / "test/fixtures/distance-buckets.json"
REACH = 300  # far beyond what a fixture's sequences have
CASES = ((32, 128, True), (32, 128, False), (6, 4, True), (8, 20, False), (64, 256, True))


def runs_of(values):
    runs = [[values[0], 0]]
    for value in values:
        if value != runs[-1][0]:
            runs.append([value, 0])
        runs[-1][1] += 1
    return runs


cases = []
for buckets, maximum, both in CASES:
    distances = -torch.arange(-REACH, REACH + 1)
    found = T5Attention._relative_position_bucket(distances, bidirectional=both, num_buckets=buckets, max_distance=maximum)
    sides = "both" if both else "before"
    cases.append({"buckets": buckets, "maximumDistance": maximum, "sides": sides, "runs": runs_of(found.tolist())})
OUT.write_text(json.dumps({"reach": REACH, "cases": cases}) + "\n")
