"""The transformer's tokenizer: the corpus' words as single tokens, letters for everything else (a Unigram model)."""

import json
import re
import string

SPECIAL = ["<unk>", "<s>", "</s>"]
PIECE = re.compile(r"▁?\w+|▁?[^\w▁]")


def vocabulary(texts):
    """Words with the space before them, commonest first, then the printable characters that are not yet there."""
    counts = {}
    for text in texts:
        for piece in PIECE.findall("▁" + text.replace(" ", "▁")):
            counts[piece] = counts.get(piece, 0) + 1
    words = sorted(counts, key=lambda piece: (-counts[piece], piece))
    letters = ["▁"] + list(string.ascii_letters + string.digits + string.punctuation)
    return words, [letter for letter in letters if letter not in counts]


def tokenizer_json(texts):
    """A word costs 1 and a letter 10, so the fewest pieces win."""
    words, letters = vocabulary(texts)
    added = [
        {"id": i, "content": name, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
        for i, name in enumerate(SPECIAL)
    ]
    vocab = [[name, 0.0] for name in SPECIAL] + [[word, -1.0] for word in words] + [[letter, -10.0] for letter in letters]
    start = {"id": "<s>", "type_id": 0}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": added,
        "normalizer": None,
        "pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [{"SpecialToken": start}, {"Sequence": {"id": "A", "type_id": 0}}],
            "pair": [{"SpecialToken": start}, {"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
            "special_tokens": {"<s>": {"id": "<s>", "ids": [1], "tokens": ["<s>"]}},
        },
        "decoder": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True},
        "model": {"type": "Unigram", "unk_id": 0, "vocab": vocab, "byte_fallback": False},
    }


def write_tokenizer(texts, folder):
    path = folder / "tokenizer.json"
    path.write_text(json.dumps(tokenizer_json(texts), ensure_ascii=False, indent=0) + "\n", encoding="utf-8")
    settings = {"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings, indent=1) + "\n")
    return path
