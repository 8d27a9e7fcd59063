"""Makes test/fixtures/methods/lakretz.json: a small LSTM language model in float64 and its mean loss without each unit.

    python bench/peers/make-lakretz-fixtures.py

`default`: the unit's hidden value is 0 at every step, the warm-up included. `lakretz`: its weights are 0 instead, as in
Lakretz et al. (2019): the column that its layer's own steps read and, in the last layer, the readout's.
"""

import json
import pathlib

import torch
from torch.nn.functional import cross_entropy

FILE = pathlib.Path(__file__).resolve().parents[2] / "test/fixtures/methods/lakretz.json"
VOCABULARY, WIDTH, LAYERS = 7, 5, 2
WARM_UP = [[1, 4, 2], [3, 3, 6, 0]]
SENTENCES = [[5, 1, 2, 6], [0, 4], [2, 2, 5, 3, 1]]
torch.manual_seed(11)
torch.set_default_dtype(torch.float64)


def weights():
    """Numbers that float32 holds exactly, short in the file."""
    make = lambda *shape: torch.round(torch.randn(*shape) * 64) / 64
    tensors = {"encoder.weight": make(VOCABULARY, WIDTH), "decoder.weight": make(VOCABULARY, WIDTH), "decoder.bias": make(VOCABULARY)}
    for n in range(LAYERS):
        for part in ["ih", "hh"]:
            tensors[f"rnn.weight_{part}_l{n}"] = make(4 * WIDTH, WIDTH)
            tensors[f"rnn.bias_{part}_l{n}"] = make(4 * WIDTH)
    return tensors


def mean_loss(tensors, masks):
    """Over all tokens but the first of each sentence, read behind the warm-up. masks: what hidden states are multiplied by."""
    losses = []
    for sentence in SENTENCES:
        ids = torch.tensor([token for part in WARM_UP for token in part] + sentence)
        x = tensors["encoder.weight"][ids]
        for n in range(LAYERS):
            cell = torch.nn.LSTMCell(WIDTH, WIDTH)
            cell.load_state_dict({name[4:-3]: value for name, value in tensors.items() if name.startswith("rnn.") and name.endswith(f"l{n}")})
            h, c, states = torch.zeros(WIDTH), torch.zeros(WIDTH), []
            for row in x:
                h, c = cell(row, (h, c))
                h = h * masks[n]
                states.append(h)
            x = torch.stack(states)
        logits = x @ tensors["decoder.weight"].T + tensors["decoder.bias"]
        count = len(sentence) - 1
        losses.append(cross_entropy(logits[-count - 1 : -1], ids[-count:], reduction="none"))
    return torch.cat(losses).mean().item()


def main():
    tensors, ones = weights(), [torch.ones(WIDTH)] * LAYERS
    default, lakretz = [], []
    with torch.no_grad():
        for layer in range(LAYERS):
            for unit in range(WIDTH):
                mask = torch.ones(WIDTH)
                mask[unit] = 0
                default.append(mean_loss(tensors, [mask if n == layer else one for n, one in enumerate(ones)]))
                cut = {name: value.clone() for name, value in tensors.items()}
                cut[f"rnn.weight_hh_l{layer}"][:, unit] = 0
                if layer == LAYERS - 1:
                    cut["decoder.weight"][:, unit] = 0
                lakretz.append(mean_loss(cut, ones))
        before = mean_loss(tensors, ones)
    lists = {name: {"shape": list(value.shape), "values": value.flatten().tolist()} for name, value in tensors.items()}
    texts = {"warmUp": WARM_UP, "sentences": SENTENCES}
    FILE.write_text(json.dumps({**texts, "before": before, "default": default, "lakretz": lakretz, "tensors": lists}) + "\n")


main()
