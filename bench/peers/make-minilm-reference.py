"""Makes test/fixtures/models/minilm-reference.safetensors.gz: a few rows of a real BERT, as transformers computes them.

    python bench/peers/make-minilm-reference.py PATH/TO/all-minilm-l6-v2

`ids` and `starts` are the tokenised SENTENCES; every other tensor is a site at the packed tokens ROWS.
"""

import gzip
import pathlib
import sys

import torch
import transformers
from safetensors.torch import save

SENTENCES = ["The quick brown fox doesn't jump over the lazy dog.", "Naïve cafés, 日本 & co.: 3.14!", "no"]
ROWS = [0, 20, -2]
OUT = pathlib.Path(__file__).resolve().parents[2] / "test/fixtures/models/minilm-reference.safetensors.gz"
ROUNDING = 2**14  # values are multiples of 1 / ROUNDING

tokenizer = transformers.AutoTokenizer.from_pretrained(sys.argv[1])
model = transformers.BertModel.from_pretrained(sys.argv[1], attn_implementation="eager").double().eval()
batch = tokenizer(SENTENCES, padding=True, return_tensors="pt")
kept = batch["attention_mask"].bool()
sites = {}


def keep(name, module, before=False):
    if before:
        module.register_forward_pre_hook(lambda _, value: sites.__setitem__(name, value[0]))
    else:
        module.register_forward_hook(
            lambda _, __, value: sites.__setitem__(name, value[0] if isinstance(value, tuple) else value)
        )


layers = model.encoder.layer
keep("embed", model.embeddings)
keep("layers.0.residual", layers[0])
keep("layers.5.residual", layers[5])
keep("layers.2.attention.out", layers[2].attention.output.dense)
keep("layers.4.mlp.hidden", layers[4].output.dense, before=True)
with torch.no_grad():
    model(**batch)

tensors = {name: ((value[kept][ROWS] * ROUNDING).round() / ROUNDING).float().contiguous() for name, value in sites.items()}
tensors["ids"] = batch["input_ids"][kept].int()
tensors["starts"] = torch.tensor([0, *kept.sum(1).tolist()]).cumsum(0).int()
tensors["rows"] = (torch.tensor(ROWS) % len(tensors["ids"])).int()
OUT.write_bytes(gzip.compress(save(tensors), 9, mtime=0))
print(OUT.stat().st_size, "bytes", tensors["starts"].tolist())
