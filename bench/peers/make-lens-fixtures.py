"""Makes test/fixtures/logit-lens.json: what neurons of the small models of test/fixtures/models add to logits, by torch.

    python bench/peers/make-lens-fixtures.py
"""

import json
import pathlib

import torch
from transformers import AutoModelForCausalLM, AutoModelForMaskedLM

FIXTURES = pathlib.Path(__file__).resolve().parents[2] / "test/fixtures"


def centred(rows):
    return rows - rows.mean(-1, keepdim=True)


def pick(rows):
    """The first neurons, to six digits."""
    return [[float(f"{value:.6g}") for value in row] for row in rows[:3].tolist()]


def causal(name, parts):
    model = AutoModelForCausalLM.from_pretrained(FIXTURES / "models" / name).double()
    down, out, norm = parts(model)
    unembedding = model.get_output_embeddings().weight
    read = lambda directions: pick(centred((directions * norm.weight) @ unembedding.T))
    width = unembedding.shape[1]
    return {
        "layers.1.mlp.hidden": read(down),
        "layers.0.attention.heads": read(out),
        "layers.0.residual": read(torch.eye(width, dtype=torch.float64)),
        "final": pick(centred(unembedding.T)),
    }


def masked(name):
    model = AutoModelForMaskedLM.from_pretrained(FIXTURES / "models" / name).double()
    head = model.cls.predictions
    read = lambda directions: pick(
        centred((directions @ head.transform.dense.weight.T * head.transform.LayerNorm.weight) @ head.decoder.weight.T)
    )
    layer = model.bert.encoder.layer
    width = model.config.hidden_size
    return {
        "layers.1.mlp.hidden": read(layer[1].output.dense.weight.T),
        "layers.0.attention.heads": read(layer[0].attention.output.dense.weight.T),
        "layers.0.residual": read(torch.eye(width, dtype=torch.float64)),
    }


with torch.no_grad():
    lenses = {
        "gpt2": causal(
            "gpt2",
            lambda model: (
                model.transformer.h[1].mlp.c_proj.weight,
                model.transformer.h[0].attn.c_proj.weight,
                model.transformer.ln_f,
            ),
        ),
        "qwen2": causal(
            "qwen2",
            lambda model: (
                model.model.layers[1].mlp.down_proj.weight.T,
                model.model.layers[0].self_attn.o_proj.weight.T,
                model.model.norm,
            ),
        ),
        "bert": masked("bert"),
    }
(FIXTURES / "logit-lens.json").write_text(json.dumps(lenses) + "\n")
