"""Makes test/fixtures/models: a tiny random model of each family with what a reference computes from it.

fixtures/common.py says what a fixture is. Without names all are made.

    python bench/peers/make-model-fixtures.py [NAME ...]
"""

import sys

import torch

from fixtures import decoders, encoders, recurrent, recurrent_seq2seq, seq2seq

FIXTURES = encoders.FIXTURES | decoders.FIXTURES | recurrent.FIXTURES | seq2seq.FIXTURES | recurrent_seq2seq.FIXTURES

if __name__ == "__main__":
    unknown = set(sys.argv[1:]) - set(FIXTURES)
    if unknown:
        sys.exit(f"Expected names among {', '.join(FIXTURES)} but received {', '.join(unknown)}")
    for name in sys.argv[1:] or FIXTURES:
        torch.manual_seed(1)
        FIXTURES[name]()
