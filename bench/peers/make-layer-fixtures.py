"""Makes test/fixtures/layers.json: small calls of torch's layers in float64, on float32 inputs, with what they gave.

    python bench/peers/make-layer-fixtures.py
"""

import json
import pathlib

import torch
import torch.nn.functional as F

FILE = pathlib.Path(__file__).resolve().parents[2] / "test/fixtures/layers.json"
torch.manual_seed(7)
torch.set_default_dtype(torch.float64)


def inputs(*shape):
    """Random numbers that float32 holds exactly, with six significant bits so that the file stays small."""
    return torch.round(torch.randn(*shape) * 32) / 32


def layer_norm():
    x, residual, weight, bias = inputs(3, 7), inputs(3, 7), inputs(7), inputs(7)
    return {"x": x, "residual": residual, "weight": weight, "bias": bias, "out": F.layer_norm(x + residual, (7,), weight, bias, 1e-5)}


def rms_norm():
    x, weight = inputs(3, 7), inputs(7)
    return {"x": x, "weight": weight, "out": F.rms_norm(x, (7,), weight, 1e-6)}


def activations():
    x = torch.cat([inputs(20) * 3, torch.tensor([-9.0, -6.5, -0.0, 6.5, 9.0])])
    functions = {
        "gelu": F.gelu,
        "gelu-tanh": lambda value: F.gelu(value, approximate="tanh"),
        "silu": F.silu,
        "relu": F.relu,
        "tanh": torch.tanh,
        "sigmoid": torch.sigmoid,
    }
    return {"x": x, **{name: function(x) for name, function in functions.items()}}


def attention(causal):
    heads, key_heads, tokens, width = 4, 2, 5, 3
    query, key, value = inputs(tokens, heads, width), inputs(tokens, key_heads, width), inputs(tokens, key_heads, width)
    head_first = [tensor.transpose(0, 1)[None] for tensor in (query, key, value)]
    out = F.scaled_dot_product_attention(*head_first, is_causal=causal, enable_gqa=True)
    return {"query": query, "key": key, "value": value, "out": out[0].transpose(0, 1)}


def lstm():
    cell = torch.nn.LSTMCell(4, 3)
    x, hidden, memory = inputs(2, 4), inputs(2, 3), inputs(2, 3)
    after, remembered = cell(x, (hidden, memory))
    projected = {"input": x @ cell.weight_ih.T, "recurrent": hidden @ cell.weight_hh.T}
    return {**projected, "bias": cell.bias_ih + cell.bias_hh, "cell": memory, "hidden": after, "after": remembered}


def gru():
    cell = torch.nn.GRUCell(4, 3)
    x, hidden = inputs(2, 4), inputs(2, 3)
    projected = {"input": x @ cell.weight_ih.T + cell.bias_ih, "recurrent": hidden @ cell.weight_hh.T}
    return {**projected, "bias": cell.bias_hh, "hidden": hidden, "after": cell(x, hidden)}


def losses():
    before, after, targets = inputs(3, 11) * 2, inputs(3, 11) * 2, torch.tensor([4, 0, 10])
    divergence = F.kl_div(after.log_softmax(1), before.log_softmax(1), reduction="none", log_target=True).sum(1)
    return {
        "before": before,
        "after": after,
        "targets": targets,
        "loss": F.cross_entropy(before, targets, reduction="none"),
        "best": before.argmax(1),
        "divergence": divergence,
    }


layers = {
    "layerNorm": layer_norm(),
    "rmsNorm": rms_norm(),
    "activations": activations(),
    "full": attention(False),
    "causal": attention(True),
    "lstm": lstm(),
    "gru": gru(),
    "losses": losses(),
}
numbers = {name: {key: tensor.detach().flatten().tolist() for key, tensor in layer.items()} for name, layer in layers.items()}
FILE.write_text(json.dumps({"torch": torch.__version__, **numbers}, indent=1).replace("\n   ", " ").replace("\n  ]", "]") + "\n")
