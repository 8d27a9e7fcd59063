"""Makes test/fixtures/models: a tiny random model of each family with what a reference computes from it.

Every folder holds a model as its users save it (config.json, safetensors) and expected.safetensors:
`ids` and `starts` of a packed batch, one tensor per site (packed tokens x width, the softmax weights
of a layer sequence by sequence, heads x queries x keys), and `changed.SITE`: the last site at the last
token of the sequence CHANGED after AMOUNT was added to the column COLUMN of SITE at the positions
POSITIONS of that sequence.
The references run in float64, on a padded batch where the family has one.

    python bench/peers/make-model-fixtures.py
"""

import json
import pathlib
import shutil

import torch
import transformers
from safetensors.torch import save_file

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "test/fixtures/models"
LENGTHS = [5, 1, 9, 3]
CHANGED, POSITIONS, COLUMN, AMOUNT = 2, [1, 4], 3, 1.5
VOCABULARY = 37
ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789 "
LAYERS, WIDTH, HEADS, KEY_HEADS, HIDDEN = 2, 24, 4, 2, 44


class Sites:
    """Records sites as they pass by, and changes one of them."""

    def __init__(self):
        self.values, self.changed = {}, None

    def at(self, name, value):
        if name == self.changed:
            value = value.clone()
            value[CHANGED, POSITIONS, COLUMN] += AMOUNT
        self.values[name] = value.detach()
        return value

    def output(self, module, *names):
        def hook(_, __, value):
            whole = value[0] if isinstance(value, tuple) else value
            width = whole.shape[-1] // len(names)
            parts = [self.at(name, part) for name, part in zip(names, whole.split(width, -1))]
            whole = torch.cat(parts, -1)
            return (whole, *value[1:]) if isinstance(value, tuple) else whole

        module.register_forward_hook(hook)

    def input(self, module, name):
        module.register_forward_pre_hook(lambda _, value: (self.at(name, value[0]), *value[1:]))


def randomize(model, generator):
    """Random weights, norms and biases too, of a size at which every part matters."""
    with torch.no_grad():
        for name, value in model.named_parameters():
            noise = torch.randn(value.shape, generator=generator)
            norm = name.lower().endswith(("norm.weight", "ln_1.weight", "ln_2.weight", "ln_f.weight"))
            scale = 0.3 if value.ndim == 1 else 0.8 / value.shape[-1] ** 0.5
            if "embed" in name or "wte" in name or "wpe" in name or "encoder.weight" in name:
                scale = 0.7
            value.copy_(noise * scale + (1.0 if norm or "layernorm.weight" in name.lower() else 0.0))


def bert(model, sites):
    sites.output(model.bert.embeddings, "embed")
    for i, layer in enumerate(model.bert.encoder.layer):
        own, at = layer.attention.self, f"layers.{i}"
        for part in ("query", "key", "value"):
            sites.output(getattr(own, part), f"{at}.attention.{part}")
        sites.input(layer.attention.output.dense, f"{at}.attention.heads")
        sites.output(layer.attention.output.dense, f"{at}.attention.out")
        sites.output(layer.intermediate.dense, f"{at}.mlp.pre")
        sites.input(layer.output.dense, f"{at}.mlp.hidden")
        sites.output(layer.output.dense, f"{at}.mlp.out")
        sites.output(layer, f"{at}.residual")


def llama(model, sites):
    sites.output(model.model.embed_tokens, "embed")
    for i, layer in enumerate(model.model.layers):
        at = f"layers.{i}"
        for part, module in (("query", "q_proj"), ("key", "k_proj"), ("value", "v_proj")):
            sites.output(getattr(layer.self_attn, module), f"{at}.attention.{part}")
        sites.input(layer.self_attn.o_proj, f"{at}.attention.heads")
        sites.output(layer.self_attn.o_proj, f"{at}.attention.out")
        sites.output(layer.mlp.gate_proj, f"{at}.mlp.gate")
        sites.output(layer.mlp.up_proj, f"{at}.mlp.pre")
        sites.input(layer.mlp.down_proj, f"{at}.mlp.hidden")
        sites.output(layer.mlp.down_proj, f"{at}.mlp.out")
        sites.output(layer, f"{at}.residual")
    sites.output(model.model.norm, "final")


def gpt2(model, sites):
    sites.output(model.transformer.drop, "embed")
    for i, layer in enumerate(model.transformer.h):
        at = f"layers.{i}"
        sites.output(layer.attn.c_attn, *(f"{at}.attention.{part}" for part in ("query", "key", "value")))
        sites.input(layer.attn.c_proj, f"{at}.attention.heads")
        sites.output(layer.attn.c_proj, f"{at}.attention.out")
        sites.output(layer.mlp.c_fc, f"{at}.mlp.pre")
        sites.input(layer.mlp.c_proj, f"{at}.mlp.hidden")
        sites.output(layer.mlp.c_proj, f"{at}.mlp.out")
        sites.output(layer, f"{at}.residual")
    sites.output(model.transformer.ln_f, "final")


def run_transformer(model, sequences):
    longest = max(LENGTHS)
    ids = torch.stack([torch.nn.functional.pad(ids, (0, longest - len(ids))) for ids in sequences])
    mask = torch.tensor([[int(t < length) for t in range(longest)] for length in LENGTHS])
    with torch.no_grad():
        return model(input_ids=ids, attention_mask=mask, output_attentions=True)


def pack(value):
    return torch.cat([value[s, :length] for s, length in enumerate(LENGTHS)])


def write(name, config, weights, expected, sequences, shards=1):
    folder = FOLDER / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(config, indent=1, ensure_ascii=False) + "\n")
    if shards == 1:
        save_file(weights, folder / "model.safetensors", {"format": "pt"})
    else:
        files = [f"model-{i + 1:05}-of-{shards:05}.safetensors" for i in range(shards)]
        parts = [dict(list(weights.items())[i::shards]) for i in range(shards)]
        for file, part in zip(files, parts):
            save_file(part, folder / file, {"format": "pt"})
        map = {key: file for file, part in zip(files, parts) for key in part}
        (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": map}, indent=1) + "\n")
    expected = {key: value.float().contiguous() for key, value in expected.items()}
    expected["ids"] = torch.cat(sequences).int()
    expected["starts"] = torch.tensor([0, *LENGTHS]).cumsum(0).int()
    save_file(expected, folder / "expected.safetensors")
    print(name, sum(file.stat().st_size for file in folder.iterdir()), "bytes")


def sequences_of(generator):
    return [torch.randint(0, VOCABULARY, (length,), generator=generator) for length in LENGTHS]


def make_transformer(name, model, hook, dtype, tied, shards=1):
    generator = torch.Generator().manual_seed(7)
    model.eval()
    randomize(model, generator)
    model.to(dtype)
    weights = {key: value.clone() for key, value in model.state_dict().items() if key not in tied}
    model.double()
    sequences, sites = sequences_of(generator), Sites()
    hook(model, sites)
    result = run_transformer(model, sequences)
    sites.values["logits"] = result.logits
    expected = {site: pack(value) for site, value in sites.values.items()}
    for i, scores in enumerate(result.attentions):
        own = [scores[s, :, :length, :length].reshape(-1) for s, length in enumerate(LENGTHS)]
        expected[f"layers.{i}.attention.scores"] = torch.cat(own)
    for site in list(sites.values):
        sites.changed = site
        logits = run_transformer(model, sequences).logits
        if site == "logits":
            logits[CHANGED, POSITIONS, COLUMN] += AMOUNT
        expected[f"changed.{site}"] = logits[CHANGED, LENGTHS[CHANGED] - 1]
    config = json.loads(model.config.to_json_string())
    config |= {"tokenizer": "characters", "characters": ALPHABET}
    write(name, config, weights, expected, sequences, shards)


class Recurrent(torch.nn.Module):
    def __init__(self, cell, embedding, width):
        super().__init__()
        self.encoder = torch.nn.Embedding(VOCABULARY, embedding)
        self.rnn = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[cell](embedding, width, 2)
        self.decoder = torch.nn.Linear(width, VOCABULARY)


def recurrent_layer(rnn, layer, x, sites, lstm):
    """One layer, step by step as torch defines it, for a batch that is padded at the end."""
    at = f"layers.{layer}"
    weight, recurrent = getattr(rnn, f"weight_ih_l{layer}"), getattr(rnn, f"weight_hh_l{layer}")
    bias, recurrent_bias = getattr(rnn, f"bias_ih_l{layer}"), getattr(rnn, f"bias_hh_l{layer}")
    hidden = cell = torch.zeros(x.shape[0], rnn.hidden_size, dtype=x.dtype)
    steps = []
    for t in range(x.shape[1]):
        def at_site(name, value):
            if sites.changed == f"{at}.{name}" and t in POSITIONS:
                value = value.clone()
                value[CHANGED, COLUMN] += AMOUNT
            return value

        a, b = x[:, t] @ weight.T + bias, hidden @ recurrent.T + recurrent_bias
        if lstm:
            i, f, g, o = (a + b).chunk(4, -1)
            gates = {"input": i.sigmoid(), "forget": f.sigmoid(), "output": o.sigmoid(), "candidate": g.tanh()}
            gates = {name: at_site(f"gate.{name}", value) for name, value in gates.items()}
            cell = at_site("cell", gates["forget"] * cell + gates["input"] * gates["candidate"])
            hidden = at_site("hidden", gates["output"] * cell.tanh())
        else:
            (ar, az, an), (br, bz, bn) = a.chunk(3, -1), b.chunk(3, -1)
            gates = {"reset": (ar + br).sigmoid(), "update": (az + bz).sigmoid()}
            gates = {name: at_site(f"gate.{name}", value) for name, value in gates.items()}
            gates["candidate"] = at_site("gate.candidate", (an + gates["reset"] * bn).tanh())
            hidden = (1 - gates["update"]) * gates["candidate"] + gates["update"] * hidden
            hidden = at_site("hidden", hidden)
        step = {f"{at}.gate.{name}": value for name, value in gates.items()} | {f"{at}.hidden": hidden}
        steps.append(step | ({f"{at}.cell": cell} if lstm else {}))
    for name in steps[0]:
        sites.values[name] = torch.stack([step[name] for step in steps], 1)
    return sites.values[f"{at}.hidden"]


def run_recurrent(model, ids, sites, lstm):
    with torch.no_grad():
        x = sites.at("embed", model.encoder(ids))
        for layer in range(2):
            x = recurrent_layer(model.rnn, layer, x, sites, lstm)
        return sites.at("logits", model.decoder(x))


def make_recurrent(cell, embedding, width):
    generator = torch.Generator().manual_seed(11)
    model = Recurrent(cell, embedding, width)
    randomize(model, generator)
    weights = {key: value.clone() for key, value in model.state_dict().items()}
    model.double()
    sequences, sites, lstm = sequences_of(generator), Sites(), cell == "lstm"
    longest = max(LENGTHS)
    ids = torch.stack([torch.nn.functional.pad(ids, (0, longest - len(ids))) for ids in sequences])
    run_recurrent(model, ids, sites, lstm)
    expected = {site: pack(value) for site, value in sites.values.items()}
    with torch.no_grad():
        ours, torchs = sites.values["layers.1.hidden"], model.rnn(model.encoder(ids).transpose(0, 1))[0]
        assert (ours - torchs.transpose(0, 1)).abs().max() < 1e-12
    for site in list(expected):
        sites.changed = site
        expected[f"changed.{site}"] = run_recurrent(model, ids, sites, lstm)[CHANGED, LENGTHS[CHANGED] - 1]
    config = {"model_type": "rnn_lm", "cell": cell, "vocab_size": VOCABULARY, "embedding_size": embedding}
    config |= {"hidden_size": width, "num_layers": 2, "tokenizer": "characters", "characters": ALPHABET}
    write(cell, config, weights, expected, sequences)


SIZES = {"hidden_size": WIDTH, "intermediate_size": HIDDEN, "num_hidden_layers": LAYERS, "vocab_size": VOCABULARY}
SIZES |= {"num_attention_heads": HEADS, "max_position_embeddings": 16, "attn_implementation": "eager"}

if __name__ == "__main__":
    torch.manual_seed(1)
    make_transformer(
        "bert",
        transformers.BertForMaskedLM(transformers.BertConfig(**SIZES, architectures=["BertForMaskedLM"])),
        bert,
        torch.float32,
        {"cls.predictions.decoder.weight", "cls.predictions.decoder.bias"},
    )
    make_transformer(
        "llama",
        transformers.LlamaForCausalLM(
            transformers.LlamaConfig(
                **SIZES,
                num_key_value_heads=KEY_HEADS,
                attention_bias=True,
                mlp_bias=True,
                rope_parameters={"rope_type": "default", "rope_theta": 500.0},
                tie_word_embeddings=False,
                architectures=["LlamaForCausalLM"],
            )
        ),
        llama,
        torch.bfloat16,
        set(),
        shards=2,
    )
    gpt2_sizes = {"n_embd": WIDTH, "n_inner": HIDDEN, "n_layer": LAYERS, "n_head": HEADS, "n_positions": 16}
    gpt2_sizes |= {"bos_token_id": 0, "eos_token_id": 0}
    make_transformer(
        "gpt2",
        transformers.GPT2LMHeadModel(
            transformers.GPT2Config(
                **gpt2_sizes, vocab_size=VOCABULARY, attn_implementation="eager", architectures=["GPT2LMHeadModel"]
            )
        ),
        gpt2,
        torch.float16,
        {"lm_head.weight"},
    )
    make_recurrent("lstm", 10, 21)
    make_recurrent("gru", 10, 21)
