"""Makes test/fixtures/models/g2p-reference.json: how transformers writes every twentieth word of two dictionaries.

    python bench/peers/make-g2p-reference.py PATH/TO/models

For bart-g2p-us and bart-g2p-gb: how many words it writes as their dictionary does, decoding greedily, and the SHA-256
of all that it writes, a line per word.
"""

import hashlib
import json
import pathlib
import sys

import torch
import transformers

OUT = pathlib.Path(__file__).resolve().parents[2] / "test/fixtures/models/g2p-reference.json"
LONGEST = 63


@torch.inference_mode()
def write(model, word):
    """The sounds of a word: the likeliest token again and again, until the one that ends a text."""
    config = model.config
    source = [config.bos_token_id, *map(config.grapheme_chars.index, word), config.eos_token_id]
    encoded = model.model.encoder(input_ids=torch.tensor([source]))
    ids = [config.decoder_start_token_id]
    while len(ids) <= LONGEST:
        logits = model(encoder_outputs=encoded, decoder_input_ids=torch.tensor([ids])).logits
        ids.append(logits[0, -1].argmax().item())
        if ids[-1] == config.eos_token_id:
            break
    special = {config.pad_token_id, config.bos_token_id, config.eos_token_id}
    return "".join(config.phoneme_chars[i] for i in ids if i not in special)


reference = {}
for name in ["bart-g2p-us", "bart-g2p-gb"]:
    path = pathlib.Path(sys.argv[1]) / name
    model = transformers.BartForConditionalGeneration.from_pretrained(path).eval()
    dictionary = list(json.loads((path / "dictionary.json").read_text()).items())[::20]
    written = [write(model, word) for word, _ in dictionary]
    digest = hashlib.sha256("\n".join(written).encode()).hexdigest()
    right = sum(mine == sounds for mine, (_, sounds) in zip(written, dictionary))
    reference[name] = {"words": len(dictionary), "right": right, "sha256": digest}
OUT.write_text(json.dumps(reference, indent=2) + "\n")
