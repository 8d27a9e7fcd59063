"""extract_words.py MODEL CORPUS.conllu OUT.npy: every residual of each word's last token, with transformers at its best:
batches of 32 sentences sorted by length, no gradients, float32."""

import sys

import numpy as np
import torch
from transformers import AutoModel, AutoTokenizer

path, corpus, out = sys.argv[1:4]
tokenizer = AutoTokenizer.from_pretrained(path)
model = AutoModel.from_pretrained(path, dtype=torch.float32).eval()


def sentences():
    text, words, parts = None, [], []
    for line in open(corpus, encoding="utf8"):
        line = line.rstrip("\n")
        if line.startswith("# text = "):
            text = line[len("# text = ") :]
        elif line and not line.startswith("#"):
            fields = line.split("\t")
            parts.append(fields)
        elif not line and parts:
            yield text, parts
            text, parts = None, []


def word_spans(text, rows):
    """Character spans of the syntactic words; parts of a multi-word token take their own part where their forms spell it."""
    spans, at, index = [], 0, 0
    while index < len(rows):
        number, form = rows[index][0], rows[index][1]
        if "." in number:
            index += 1
            continue
        start = text.index(form, at)
        at = start + len(form)
        if "-" not in number:
            spans.append((start, at))
            index += 1
            continue
        first, last = map(int, number.split("-"))
        own = [row[1] for row in rows[index + 1 : index + 2 + last - first]]
        if "".join(own) == form:
            begin = start
            for part in own:
                spans.append((begin, begin + len(part)))
                begin += len(part)
        else:
            spans += [(start, at)] * len(own)
        index += 2 + last - first
    return spans


pairs = [(text, word_spans(text, rows)) for text, rows in sentences()]
encoded = tokenizer([text for text, _ in pairs], return_offsets_mapping=True, return_special_tokens_mask=True)
layers, width = model.config.num_hidden_layers, model.config.hidden_size
starts = np.cumsum([0] + [len(spans) for _, spans in pairs])
result = np.empty((starts[-1], layers * width), np.float32)
order = sorted(range(len(pairs)), key=lambda i: len(encoded["input_ids"][i]))
with torch.inference_mode():
    for begin in range(0, len(order), 32):
        batch = order[begin : begin + 32]
        ids = tokenizer.pad({"input_ids": [encoded["input_ids"][i] for i in batch]}, return_tensors="pt")
        hidden = torch.cat(model(**ids, output_hidden_states=True).hidden_states[1:], dim=2).numpy()
        for place, i in enumerate(batch):
            offsets, special = encoded["offset_mapping"][i], encoded["special_tokens_mask"][i]
            last = [
                max(t for t, (a, b) in enumerate(offsets) if not special[t] and a < end and b > start)
                for start, end in pairs[i][1]
            ]
            result[starts[i] : starts[i + 1]] = hidden[place, last]
np.save(out, result)
