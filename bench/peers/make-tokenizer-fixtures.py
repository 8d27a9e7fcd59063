"""Makes test/fixtures/tokenizers.json: vocabulary files of small tokenizers, and what transformers makes of texts with them.

    python bench/peers/make-tokenizer-fixtures.py

Each case has the class, its files by name, and for every text the ids, the spans in code points and the mask of the
tokens that were added.
"""

import json
import pathlib
import tempfile

import tokenizers
import transformers

FILE = pathlib.Path(__file__).resolve().parents[2] / "test/fixtures/tokenizers.json"
TEXTS = [
    "The quick brown fox doesn't jump over the lazy dog.",
    "Naïve cafés, cafe\u0301s & co.: 3.14 and 1000!",
    "  two  spaces,\ta tab\nand 日本語 or 😀😀 ",
    "a <mask> or [MASK] here<|endoftext|>",
    "",
]
LETTERS = sorted({c for text in TEXTS[:2] for c in text.lower() if not c.isspace()})
PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *LETTERS, *("##" + c for c in LETTERS), "the", "##ick", "qu", "fox", "do", "##es", "日", "本", "The", "naive", "cafes", "naïve"]


def pairs():
    """A byte-level vocabulary of 300 tokens and its merges."""
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=300, show_progress=False, initial_alphabet=tokenizers.pre_tokenizers.ByteLevel.alphabet()
    )
    model = tokenizers.Tokenizer(tokenizers.models.BPE())
    model.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    model.train_from_iterator(TEXTS * 3, trainer)
    content = json.loads(model.to_str())["model"]
    return content["vocab"], content["merges"]


VOCABULARY, MERGES = pairs()


def bert(**settings):
    return "BertTokenizer", {"vocab.txt": "".join(f"{piece}\n" for piece in PIECES), "tokenizer_config.json": json.dumps(settings)}


def byte_pairs(kind, special, **settings):
    vocabulary = {**VOCABULARY, **{token: len(VOCABULARY) + i for i, token in enumerate(special)}}
    merges = "#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in MERGES)
    return kind, {"vocab.json": json.dumps(vocabulary, ensure_ascii=False), "merges.txt": merges, "tokenizer_config.json": json.dumps(settings)}


ROBERTA = ["<s>", "<pad>", "</s>", "<unk>"]
MASK = {"__type": "AddedToken", "content": "<mask>", "lstrip": True, "rstrip": False, "single_word": False, "normalized": False}
CASES = {
    "word pieces": bert(),
    "cased word pieces": bert(do_lower_case=False),
    "word pieces with accents": bert(strip_accents=False, tokenize_chinese_chars=False),
    "word pieces with other special tokens": bert(mask_token="the", unk_token={"__type": "AddedToken", "content": "[UNK]", "lstrip": False, "rstrip": False, "single_word": False, "normalized": False}),
    "GPT-2": byte_pairs("GPT2Tokenizer", ["<|endoftext|>"]),
    "GPT-2 with a space before": byte_pairs("GPT2Tokenizer", ["<|endoftext|>"], add_prefix_space=True),
    "OPT": byte_pairs("GPT2Tokenizer", ROBERTA, bos_token="</s>", eos_token="</s>", unk_token="</s>", pad_token="<pad>", add_bos_token=True),
    "RoBERTa": byte_pairs("RobertaTokenizer", [*ROBERTA, "<mask>"], mask_token=MASK),
    "RoBERTa with spaces": byte_pairs("RobertaTokenizer", [*ROBERTA, "<mask>"], mask_token=MASK, add_prefix_space=True, trim_offsets=False),
    "Qwen 2": byte_pairs("Qwen2Tokenizer", ["<|endoftext|>"]),
}


def encode(kind, files):
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            (pathlib.Path(folder) / name).write_text(content)
        tokenizer = getattr(transformers, kind).from_pretrained(folder)
    encodings = []
    for text in TEXTS:
        given = tokenizer(text, return_offsets_mapping=True, return_special_tokens_mask=True)
        special = tokenizer._tokenizer.encode(text).special_tokens_mask
        encodings.append({"ids": given["input_ids"], "spans": given["offset_mapping"], "special": special})
    return encodings


cases = [{"name": name, "class": kind, "files": files, "encodings": encode(kind, files)} for name, (kind, files) in CASES.items()]
content = {"transformers": transformers.__version__, "texts": TEXTS, "cases": cases}
FILE.write_text(json.dumps(content, ensure_ascii=False, separators=(",", ":")).replace('},{"name"', '},\n{"name"') + "\n")
print(f"{len(cases)} cases, {FILE.stat().st_size} bytes")
