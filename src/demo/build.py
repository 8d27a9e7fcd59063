"""Rebuilds everything in this folder: the corpus, the tokenizer and both models.

    uv pip install torch transformers safetensors tokenizers
    python src/demo/build.py [corpus] [lstm] [llama]

The corpus comes out byte for byte; the weights do on the same kind of processor with the same versions.
Training takes about ten minutes of one core.
"""

import sys
from pathlib import Path

from grammar import Writer
from words import conllu, text_of

HERE = Path(__file__).parent
# Models learn from train, neurons are ranked on dev and ablated on test.
SPLITS = [("train", 1, 12000), ("dev", 2, 400), ("test", 3, 40)]


def write_corpus():
    """train.txt holds the sentences the models saw; dev and test are annotated and hold none of them."""
    folder = HERE / "corpus"
    folder.mkdir(exist_ok=True)
    seen = set()
    for split, seed, count in SPLITS:
        sentences = new_sentences(Writer(seed), count, seen)
        if split == "train":
            text = "".join(text_of(words) + "\n" for words, _ in sentences)
            (folder / "train.txt").write_text(text, encoding="utf-8")
        else:
            blocks = [conllu(words, label, f"{split}-{i + 1}") for i, (words, label) in enumerate(sentences)]
            (folder / f"{split}.conllu").write_text("".join(blocks), encoding="utf-8")


def new_sentences(writer, count, seen):
    found = []
    while len(found) < count:
        words, label = writer.sentence()
        text = text_of(words)
        if text not in seen and len(words) <= 32:
            seen.add(text)
            found.append((words, label))
    return found


def texts(split):
    if split == "train":
        return (HERE / "corpus/train.txt").read_text(encoding="utf-8").splitlines()
    lines = (HERE / f"corpus/{split}.conllu").read_text(encoding="utf-8").splitlines()
    return [line[len("# text = ") :] for line in lines if line.startswith("# text = ")]


def main(parts):
    if "corpus" in parts:
        write_corpus()
    if "lstm" in parts:
        from train import train_lstm

        train_lstm(texts("train"), texts("dev"), HERE / "models/lstm")
    if "llama" in parts:
        from tokenizers import Tokenizer
        from tokenizer import write_tokenizer
        from train import train_llama

        folder = HERE / "models/llama"
        folder.mkdir(parents=True, exist_ok=True)
        path = write_tokenizer(texts("train"), folder)
        train_llama(texts("train"), texts("dev"), Tokenizer.from_file(str(path)), folder)


if __name__ == "__main__":
    main(sys.argv[1:] or ["corpus", "lstm", "llama"])
