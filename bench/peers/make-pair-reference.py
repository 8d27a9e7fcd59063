"""Makes test/fixtures/models/pair-reference.json: how often torch and transformers prefer the right one of a pair.

    python bench/peers/make-pair-reference.py PATH/TO/data

Of small-gpt2 on the first 100 pairs of BLiMP sets, behind nothing and behind <|endoftext|>; of byte-lstm-lm on test/fixtures/agreement.tsv.
For each: the right ones and the mean margin, ln p of the right one minus ln p of the other.
"""

import csv
import json
import pathlib
import sys

import torch
import transformers
from safetensors.torch import load_file

FIXTURES = pathlib.Path(__file__).resolve().parents[2] / "test/fixtures"
DATA = pathlib.Path(sys.argv[1])
SETS = ["npi_present_1", "anaphor_number_agreement"]
PAIRS = 100


def summarise(margins):
    return {"pairs": len(margins), "right": sum(m > 0 for m in margins), "margin": sum(margins) / len(margins)}


def sum_of_log_probabilities(logits, ids, first):
    """Of the tokens `first` … of a text, each behind those before it."""
    log_p = logits.double().log_softmax(-1)
    return sum(log_p[t - 1, ids[t]].item() for t in range(first, len(ids)))


@torch.inference_mode()
def blimp():
    path = DATA / "models/small-gpt2"
    model = transformers.AutoModelForCausalLM.from_pretrained(path).eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(path)
    bos = model.config.bos_token_id

    def score(text, beginning):
        ids = beginning + tokenizer(text)["input_ids"]
        return sum_of_log_probabilities(model(torch.tensor([ids])).logits[0], ids, 1)

    found = {}
    for name in SETS:
        lines = (DATA / f"corpora/blimp/{name}.jsonl").read_text().splitlines()[:PAIRS]
        pairs = [json.loads(line) for line in lines]
        found[name] = {
            key: summarise([score(p["sentence_good"], b) - score(p["sentence_bad"], b) for p in pairs])
            for key, b in [("plain", []), ("bos", [bos])]
        }
    return found


@torch.inference_mode()
def agreement():
    path = DATA / "models/byte-lstm-lm"
    config = json.loads((path / "config.json").read_text())
    weights = load_file(path / "model.safetensors")
    lstm = torch.nn.LSTM(config["embedding_size"], config["hidden_size"], config["num_layers"], batch_first=True)
    lstm.load_state_dict({key.removeprefix("rnn."): value for key, value in weights.items() if key.startswith("rnn.")})

    def score(prefix, form):
        ids = list(f"{prefix} {form}".encode())
        hidden, _ = lstm(weights["encoder.weight"][torch.tensor([ids])])
        logits = hidden[0] @ weights["decoder.weight"].T + weights["decoder.bias"]
        return sum_of_log_probabilities(logits, ids, len(ids) - len(form.encode()))

    items = csv.DictReader((FIXTURES / "agreement.tsv").open(), delimiter="\t")
    return summarise([score(i["prefix"], i["correct"]) - score(i["prefix"], i["wrong"]) for i in items])


reference = {"small-gpt2": blimp(), "byte-lstm-lm": agreement()}
(FIXTURES / "models/pair-reference.json").write_text(json.dumps(reference, indent=2) + "\n")
