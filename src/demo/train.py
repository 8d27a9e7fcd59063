"""Trains the demo's two language models on sentences that each stand alone, and stores them in the Hugging Face layout."""

import json
import math

import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional
from transformers import LlamaConfig, LlamaForCausalLM

torch.set_num_threads(1)  # so that sums have one order


class ByteLstm(nn.Module):
    """The word-language-model convention: encoder, rnn, decoder."""

    def __init__(self, embedding, hidden, layers):
        super().__init__()
        self.encoder = nn.Embedding(256, embedding)
        self.rnn = nn.LSTM(embedding, hidden, layers, batch_first=True)
        self.decoder = nn.Linear(hidden, 256)

    def forward(self, ids):
        return self.decoder(self.rnn(self.encoder(ids))[0])


class WordLlama(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.model = LlamaForCausalLM(config)

    def forward(self, ids):
        return self.model(input_ids=ids).logits


def batches(sequences, size, generator):
    """Sequences of like length together, in random order; padded with -1."""
    noise = torch.rand(len(sequences), generator=generator)
    order = sorted(range(len(sequences)), key=lambda i: (len(sequences[i]) // 4, noise[i].item()))
    groups = [order[i : i + size] for i in range(0, len(order), size)]
    for g in torch.randperm(len(groups), generator=generator).tolist():
        rows = [torch.tensor(sequences[i]) for i in groups[g]]
        yield nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=-1)


def losses(model, batch):
    """-ln p of every token but the first, summed, and their number."""
    logits = model(batch[:, :-1].clamp(min=0))
    targets = batch[:, 1:]
    total = functional.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=-1, reduction="sum")
    return total, int((targets >= 0).sum())


def evaluate(model, sequences):
    """Mean -ln p in nats over all tokens but each sequence's first."""
    total, count = 0.0, 0
    with torch.no_grad():
        for batch in batches(sequences, 64, torch.Generator().manual_seed(0)):
            loss, tokens = losses(model, batch)
            total, count = total + loss.item(), count + tokens
    return total / count


def train(model, sequences, held_out, epochs, size, rate, seed, decay=0.05):
    """AdamW with a warm-up and a cosine; prints the held-out loss now and then."""
    generator = torch.Generator().manual_seed(seed)
    steps = epochs * math.ceil(len(sequences) / size)
    optimizer = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=decay, betas=(0.9, 0.98))
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=steps + 1, pct_start=0.05)
    for epoch in range(epochs):
        for batch in batches(sequences, size, generator):
            loss, tokens = losses(model, batch)
            optimizer.zero_grad()
            (loss / tokens).backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
        if epoch % 2 == 1 or epoch == epochs - 1:
            print(f"epoch {epoch + 1}: {evaluate(model, held_out):.4f} nats", flush=True)


def store(tensors, config, folder):
    """config.json and model.safetensors, in half precision."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config, indent=1) + "\n")
    halves = {name: tensor.detach().half().contiguous() for name, tensor in tensors.items()}
    save_file(halves, folder / "model.safetensors", metadata={"format": "pt"})


def train_lstm(texts, dev, folder, seed=1, hidden=192, embedding=48, layers=1, epochs=16):
    torch.manual_seed(seed)
    model = ByteLstm(embedding, hidden, layers)
    encode = lambda lines: [list((line + "\n").encode()) for line in lines]
    train(model, encode(texts), encode(dev), epochs, 64, 6e-3, seed, decay=0.01)
    config = {
        "model_type": "rnn_lm",
        "cell": "lstm",
        "vocab_size": 256,
        "embedding_size": embedding,
        "hidden_size": hidden,
        "num_layers": layers,
        "tokenizer": "bytes",
    }
    store(model.state_dict(), config, folder)


def train_llama(texts, dev, tokenizer, folder, seed=1, hidden=64, inner=192, layers=4, epochs=10):
    torch.manual_seed(seed)
    config = {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "hidden_size": hidden,
        "intermediate_size": inner,
        "num_hidden_layers": layers,
        "num_attention_heads": hidden // 16,
        "num_key_value_heads": hidden // 32,
        "vocab_size": tokenizer.get_vocab_size(),
        "max_position_embeddings": 128,
        "rms_norm_eps": 1e-05,
        "rope_theta": 10000.0,
        "hidden_act": "silu",
        "tie_word_embeddings": True,
        "bos_token_id": 1,
        "eos_token_id": 2,
        "attention_bias": False,
        "mlp_bias": False,
        "torch_dtype": "float16",
    }
    model = WordLlama(LlamaConfig(**config, pad_token_id=None))
    encode = lambda lines: [tokenizer.encode(line).ids + [2] for line in lines]
    train(model, encode(texts), encode(dev), epochs, 64, 4e-3, seed)
    tensors = {name: tensor for name, tensor in model.model.state_dict().items() if name != "lm_head.weight"}
    store(tensors, config, folder)
