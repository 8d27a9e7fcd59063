"""Which module of a model of transformers gives which site, by the config's model_type: a function of model and sites.

A new family adds one line; the functions are those that its fixtures use.
"""

from fixtures import decoders, encoders, seq2seq

HOOKS = {
    "albert": encoders.albert,
    "bart": seq2seq.bart,
    "bert": encoders.bert,
    "camembert": encoders.bert,
    "distilbert": encoders.distilbert,
    "electra": encoders.bert,
    "gemma2": decoders.hook(decoders.LLAMA),
    "gpt2": decoders.hook(decoders.GPT2),
    "gpt_neo": decoders.hook(decoders.GPT_NEO),
    "gpt_neox": decoders.hook(decoders.GPT_NEOX),
    "gptj": decoders.hook(decoders.GPT_J),
    "llama": decoders.hook(decoders.LLAMA),
    "mistral": decoders.hook(decoders.LLAMA),
    "opt": decoders.hook(decoders.OPT),
    "qwen2": decoders.hook(decoders.LLAMA),
    "qwen3": decoders.hook(decoders.LLAMA),
    "roberta": encoders.bert,
    "t5": lambda model, sites: (seq2seq.t5 if hasattr(model, "decoder") else seq2seq.t5_encoder)(model, sites),
    "xlm-roberta": encoders.bert,
    "xlnet": encoders.xlnet,
}
