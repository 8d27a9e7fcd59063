"""Makes test/fixtures/bleu.json: the words that sacreBLEU compares, and the BLEU that it finds.

    python bench/peers/make-bleu-fixtures.py

Texts are made of words, numbers and signs by a seeded draw; the written ones are the right ones with words changed, left out
or added. Scores are those of `sacrebleu.corpus_bleu` as it is (words by 13a, smoothing exp), in percent.
"""

import json
import pathlib
import random

import sacrebleu
from sacrebleu.tokenizers.tokenizer_13a import Tokenizer13a

OUT = pathlib.Path(__file__).resolve().parents[2] / "test/fixtures/bleu.json"

TEXTS = [
    "Hello, world!",
    "It's 3.14, not 3,14; or .5 and 5. or ,5 and 5,",
    "state-of-the-art 10-20 (see p.5) a/b c\\d [x] {y} ~z `q` ^r_s",
    "&quot;Tom &amp; Jerry&quot; &lt;b&gt; &amp;amp; $5.00 50% #1 a@b.c",
    "<skipped> word-\nbroken line\nnext  two   spaces\ttab  ",
    "Grüße – „schön“ … 日本語。 ¿qué? 😀.😀,😀 naïve.Ünder",
    "U.S.A. 1.000,50 1-2 -3 3- '90s rock'n'roll",
    "",
    " . , ",
]

WORDS = "the a man woman saw heard old new house, dog. cat's 3.5 well-known (very) \"yes\" no; U.S. 10-20 &amp; said it was".split()


def texts(draw, count, most):
    right = [" ".join(draw.choice(WORDS) for _ in range(draw.randint(1, most))) for _ in range(count)]
    written = []
    for text in right:
        words = [draw.choice(WORDS) if draw.random() < 0.2 else word for word in text.split() if draw.random() < 0.9]
        written.append(" ".join(words + [draw.choice(WORDS)] * (draw.random() < 0.3)))
    return written, right


def main():
    draw = random.Random(5)
    pairs = [texts(draw, count, most) for count, most in [(1, 30), (2, 12), (5, 6), (20, 25), (100, 15)]]
    pairs += [
        (["a b c x d e"], ["a b c d e f"]),  # no run of four: smoothed
        (["a x b y c"], ["a b c d e"]),  # none of two: smoothed three times
        (["x y z w"], ["a b c d"]),  # nothing right
        (["a b"], ["a b c d e"]),  # too short to have runs of three
        (["", "a b c d"], ["a b c d", "a b c d"]),
        (["a b c d e f g", "a"], ["a b c d", "a"]),  # longer than right
    ]
    corpora = [
        {"written": written, "right": right, "bleu": sacrebleu.corpus_bleu(written, [right]).score}
        for written, right in pairs
    ]
    tokenize = Tokenizer13a()
    words = [{"text": text, "words": tokenize(text.rstrip()).split()} for text in TEXTS]
    about = f"sacreBLEU {sacrebleu.__version__}, made by bench/peers/make-bleu-fixtures.py"
    OUT.write_text(json.dumps({"about": about, "words": words, "corpora": corpora}, ensure_ascii=False, indent=1) + "\n")


main()
