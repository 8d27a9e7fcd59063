"""Makes test/fixtures/rotary.json: configs with rotary settings, and the frequencies that transformers makes of them.

    python bench/peers/make-rotary-fixtures.py

Each case has the values of a config.json, columns of a head, tokens of the longest text (null: the model's positions),
the layer type (null: all layers), frequencies and attention factor. transformers computes in float32.
"""

import copy
import json
import pathlib

import transformers
from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS

FILE = pathlib.Path(__file__).resolve().parents[2] / "test/fixtures/rotary.json"
SIZES = {"model_type": "llama", "hidden_size": 256, "num_attention_heads": 4, "max_position_embeddings": 4096}


def case(family="llama", length=None, layer_type=None, **values):
    values = {**SIZES, "model_type": family, **values}
    config = transformers.AutoConfig.for_model(**copy.deepcopy(values))
    config.standardize_rope_params()
    family = family.removesuffix("_text")
    kind = (config.rope_parameters[layer_type] if layer_type else config.rope_parameters)["rope_type"]
    if kind == "default":
        module = __import__(f"transformers.models.{family}.modeling_{family}", fromlist=["x"])
        compute = next(getattr(module, name) for name in dir(module) if name.endswith("RotaryEmbedding")).compute_default_rope_parameters
    else:
        compute = ROPE_INIT_FUNCTIONS[kind]
    arguments = {} if kind == "default" and layer_type is None else {"layer_type": layer_type}
    frequencies, factor = compute(config, **({} if kind == "default" else {"seq_len": length}), **arguments)
    return {
        "config": values,
        "headWidth": getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads,
        "length": length,
        "layerType": layer_type,
        "frequencies": frequencies.double().tolist(),
        "factor": factor,
    }


LLAMA3 = {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 1024}
YARN = {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 1024}

CASES = [
    case(rope_theta=10000.0),
    case(rope_theta=500000.0, rope_scaling=None),
    case(rope_parameters={"rope_type": "default", "rope_theta": 7e5}),
    case(rope_theta=10000.0, rope_scaling={"type": "linear", "factor": 2.5}),
    case(rope_parameters={"rope_type": "linear", "rope_theta": 1e5, "factor": 3.0}),
    case(rope_theta=10000.0, rope_scaling={"type": "dynamic", "factor": 2.0}),
    case(rope_theta=10000.0, rope_scaling={"type": "dynamic", "factor": 2.0}, length=1000),
    case(rope_theta=10000.0, rope_scaling={"type": "dynamic", "factor": 2.0}, length=10000),
    case(rope_theta=500000.0, rope_scaling=LLAMA3),
    case(rope_parameters={**LLAMA3, "rope_theta": 1e4, "factor": 32.0, "low_freq_factor": 0.5}),
    case(rope_theta=10000.0, rope_scaling=YARN),
    case(rope_theta=1e6, rope_scaling={**YARN, "factor": 40.0, "beta_fast": 16.0, "beta_slow": 2.0, "truncate": False}),
    case(rope_theta=1e4, rope_scaling={**YARN, "mscale": 1.0, "mscale_all_dim": 0.7}),
    case(rope_theta=1e4, rope_scaling={**YARN, "attention_factor": 1.25}),
    case(rope_theta=1e4, rope_scaling={**YARN, "factor": 1.0}, head_dim=48),
    case("gpt_neox", rotary_pct=0.25, rotary_emb_base=10000),
    case("gpt_neox", rope_parameters={"rope_type": "default", "rope_theta": 2e4, "partial_rotary_factor": 0.375}),
    case("phi", partial_rotary_factor=0.5, rope_theta=1e4, rope_scaling={"type": "linear", "factor": 2.0}),
]
for layer_type in ("full_attention", "sliding_attention"):
    parameters = {
        "full_attention": {"rope_type": "linear", "rope_theta": 1e6, "factor": 8.0},
        "sliding_attention": {"rope_type": "default", "rope_theta": 1e4},
    }
    CASES.append(case("gemma3_text", layer_type=layer_type, head_dim=32, rope_parameters=parameters))

content = {"transformers": transformers.__version__, "cases": CASES}
FILE.write_text(json.dumps(content, indent=1) + "\n")
print(f"{len(CASES)} cases, {FILE.stat().st_size} bytes")
