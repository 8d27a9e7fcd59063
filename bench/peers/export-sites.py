"""Exports every site of a model, as transformers computes them in float64, for `neurometry inspect MODEL --verify`.

    python bench/peers/export-sites.py MODEL OUT.safetensors [--text FILE] [--target FILE] [--random N]

MODEL is a directory or a hub id. The texts are the lines of --text (three sentences where it is left out), or N random
sequences of ids, for models that have no tokenizer that transformers knows. The decoder of an encoder-decoder reads the
lines of --target behind its start token (the texts themselves where it is left out). sites.py says which module gives
which site; every text is computed alone.
"""

import argparse
import pathlib
import types

import torch
import transformers
from fixtures.decoder_sites import DecoderSites
from safetensors.torch import save_file
from sites import HOOKS

SENTENCES = ["The quick brown fox doesn't jump over the lazy dog.", "Naïve cafés & co.: 3.14!", "no"]


class Recorder(DecoderSites):
    """Keeps what passes by for one text, as tokens x width."""

    def at(self, name, value):
        self.values[name] = value.detach().reshape(-1, value.shape[-1])
        return value


def load(path):
    config = transformers.AutoConfig.from_pretrained(path)
    if config.model_type not in HOOKS:
        raise SystemExit(f"Expected one of {', '.join(HOOKS)} for model_type but received {config.model_type}")
    kind = getattr(transformers, config.architectures[0])
    return kind.from_pretrained(path, attn_implementation="eager").double().eval()


def with_prefix(model):
    """A base model as part of one with a head, where its family's modules are looked for; T5 has no such part."""
    prefix = model.base_model_prefix
    if model.base_model is not model or model.config.model_type == "t5":
        return model
    return types.SimpleNamespace(**{prefix: model}, base_model_prefix=prefix, config=model.config)


def read_ids(arguments, model):
    """Ids of every text, and of every target."""
    if arguments.random:
        generator = torch.Generator().manual_seed(0)
        vocabulary = getattr(model.config, "vocab_size")
        draw = lambda i: torch.randint(vocabulary, (1 + 3 * i,), generator=generator)
        return [draw(i + 1) for i in range(arguments.random)], [draw(i + 1) for i in range(arguments.random)]
    tokenizer = transformers.AutoTokenizer.from_pretrained(arguments.model)
    read = lambda path: path.read_text().splitlines() if path else SENTENCES
    encode = lambda texts: [torch.tensor(tokenizer(text)["input_ids"]) for text in texts if text.strip()]
    return encode(read(arguments.text)), encode(read(arguments.target or arguments.text))


def run(model, sites, source, target):
    """Every site of one text."""
    sites.values = {}
    batch = {"input_ids": source[None]}
    if model.config.is_encoder_decoder:
        batch |= {"decoder_input_ids": target[None]}
    with torch.no_grad():
        result = model(**batch, output_attentions=True)
    values = dict(sites.values)
    stacks = [("", "attention", "attentions")]
    if model.config.is_encoder_decoder:
        stacks = [("encoder.", "attention", "encoder_attentions"), ("decoder.", "attention", "decoder_attentions"), ("decoder.", "cross", "cross_attentions")]
    for stack, block, name in stacks:
        for n, scores in enumerate(result.get(name) or ()):
            values[f"{stack}layers.{n}.{block}.scores"] = scores[0].reshape(-1)
    logits = result.get("logits", result.get("prediction_logits"))
    if logits is not None:
        at = "decoder.logits" if model.config.is_encoder_decoder else "logits"
        scores_tokens = logits.ndim == 2 and model.config.architectures[0].endswith("ForPreTraining")
        values[at] = logits.reshape(-1, 1 if scores_tokens else logits.shape[-1])
    return values


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--text", type=pathlib.Path)
    parser.add_argument("--target", type=pathlib.Path)
    parser.add_argument("--random", type=int, default=0)
    arguments = parser.parse_args()
    model = load(arguments.model)
    sites = Recorder()
    HOOKS[model.config.model_type](with_prefix(model), sites)
    sources, targets = read_ids(arguments, model)
    if model.config.is_encoder_decoder:
        start = torch.tensor([model.config.decoder_start_token_id])
        targets = [torch.cat([start, ids]) for ids in targets]
    parts = [run(model, sites, source, target) for source, target in zip(sources, targets, strict=True)]
    tensors = {name: torch.cat([part[name] for part in parts]).float().contiguous() for name in parts[0]}

    def put(prefix, sequences):
        tensors[f"{prefix}ids"] = torch.cat(sequences).int()
        tensors[f"{prefix}starts"] = torch.tensor([0, *map(len, sequences)]).cumsum(0).int()

    put("", targets if model.config.is_encoder_decoder else sources)
    if model.config.is_encoder_decoder:
        put("source ", sources)
    save_file(tensors, arguments.out)
    print(f"{arguments.out}: {len(tensors)} tensors, {arguments.out.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
