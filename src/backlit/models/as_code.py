"""Keras objects as the Python that makes them again: what a reader can copy, change and learn from.

    Sequential's config  →  keras.Sequential([
                                keras.layers.Dense(64, activation="relu"),
                                keras.layers.Dense(10, activation="softmax"),
                            ])

Arguments that stand at their default are left out. What was written is run and written down by Keras again; if that is
not the same, the config itself is what the code reads. So what comes out is always whole, and readable where it can be.

Not for weights: code draws them anew by the seed.
"""

import copy
import inspect
import json
import re
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

_OWN = {
    "keras": keras,
    "keras.layers": keras.layers,
    "keras.optimizers": keras.optimizers,
    "keras.losses": keras.losses,
}
_INDENT = " " * 4


def model_code(config: Mapping[str, Any]) -> str:
    """A model as an expression.

    Args:
        config: From `keras.saving.serialize_keras_object`.

    Returns:
        Python that needs `keras`, and `json` where the config itself is read.

    Example:
        >>> model = keras.Sequential([keras.layers.Dense(3, activation="relu"), keras.layers.Dense(1)])
        >>> print(model_code(keras.saving.serialize_keras_object(model)))
        keras.Sequential([
            keras.layers.Dense(3, activation="relu"),
            keras.layers.Dense(1),
        ])
    """
    if config.get("class_name") == "Sequential" and config.get("module", "").startswith("keras"):
        lines = [_layer(layer) for layer in config["config"]["layers"]]
        if all(line is not None for line in lines):
            code = "\n".join(["keras.Sequential([", *(f"{_INDENT}{line}," for line in lines), "])"])
            if _is_same(code, config):
                return code
    return f"keras.saving.deserialize_keras_object(json.loads({_raw(config)}))"


def object_code(config: Any, module: str) -> str:
    """An optimiser, a loss or metrics as an expression.

    Args:
        config: What Keras wrote: a name, a dict, or a list of these.
        module: Where such things live: `optimizers`, `losses` or `metrics`.

    Returns:
        Python that needs `keras`, and `json` where the config itself is read.

    Example:
        >>> object_code(keras.optimizers.serialize(keras.optimizers.SGD(0.1, momentum=0.9)), "optimizers")
        'keras.optimizers.SGD(learning_rate=0.1, momentum=0.9)'
    """
    if isinstance(config, str):
        return quoted(config)
    if isinstance(config, list | tuple):
        return f"[{', '.join(object_code(one, module) for one in config)}]"
    call = _call(config, f"keras.{module}")
    if call is not None and _is_same(call, config):
        return call
    return f"keras.{module}.deserialize(json.loads({_raw(config)}))"


def quoted(value: Any) -> str:
    """A plain value as Python writes it, text in double quotes.

    Args:
        value: Text, numbers, tuples, lists, dicts.

    Returns:
        Python.

    Example:
        >>> quoted(["valid", (3, 3), None])
        '["valid", (3, 3), None]'
    """
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, list):
        return f"[{', '.join(map(quoted, value))}]"
    if isinstance(value, tuple):
        return f"({', '.join(map(quoted, value))}{',' * (len(value) == 1)})"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{quoted(key)}: {quoted(inner)}' for key, inner in value.items())}}}"
    return repr(value)


def _layer(config: Mapping[str, Any]) -> str | None:
    if config.get("class_name") == "InputLayer":
        shape = config["config"].get("batch_shape")
        return None if shape is None else f"keras.Input({quoted(tuple(shape[1:]))})"
    return _call(config, "keras.layers")


def _call(config: Mapping[str, Any], module: str) -> str | None:
    """`module.Class(…)` with the arguments that are not at their default; None for what is not Keras's own."""
    kind = getattr(_OWN.get(module), str(config.get("class_name")), None)
    if kind is None or not str(config.get("module", "")).startswith("keras"):
        return None
    parameters = list(inspect.signature(kind.__init__).parameters.values())[1:]
    needed = [one.name for one in parameters if one.default is one.empty and one.kind is one.POSITIONAL_OR_KEYWORD]
    bare = [_argument(config["config"].get(name)) for name in needed]
    if None in bare:
        return None
    plain = _made(f"{module}.{config['class_name']}({', '.join(map(str, bare))})")
    if plain is None:
        return None
    written: Any = keras.saving.serialize_keras_object(plain)
    defaults = written["config"]
    given = list(map(str, bare))
    for one in parameters:
        value = config["config"].get(one.name)
        is_set = one.name in config["config"] and one.name not in (*needed, "name", "dtype")
        if not is_set or _bare(value) == _bare(defaults.get(one.name)):
            continue
        argument = _argument(value)
        if argument is None:
            return None
        given.append(f"{one.name}={argument}")
    if _is_named(config):
        given.append(f"name={quoted(config['config']['name'])}")
    return f"{module}.{config['class_name']}({', '.join(given)})"


def _argument(value: Any) -> str | None:
    """A value in the call; a Keras object inside (an initialiser, a regulariser) by its own class."""
    if isinstance(value, dict):
        kind, module = value.get("class_name"), str(value.get("module", ""))
        parts = value.get("config", {})
        if (
            not module.startswith("keras.")
            or not isinstance(parts, dict)
            or any(isinstance(v, dict) for v in parts.values())
        ):
            return None
        inner = ", ".join(
            f"{key}={quoted(one)}" for key, one in parts.items() if key not in ("name", "dtype") and one is not None
        )
        return f"{module}.{kind}({inner})"
    if isinstance(value, float) and value == float(np.float32(value)):
        return str(np.float32(value))  # 0.01, and not what Keras makes of it in 32 bits: 0.009999999776482582
    return quoted(tuple(value) if isinstance(value, list) else value)


def _is_named(config: Mapping[str, Any]) -> bool:
    """Whether a layer has a name that somebody gave it: Keras's own are its class and a number."""
    name = config["config"].get("name")
    own = _snake(config["class_name"])
    return name is not None and "layers" in str(config.get("module")) and not re.fullmatch(rf"{own}(_\d+)?", name)


def _snake(name: str) -> str:
    """As Keras names layers after their class: `Conv2D` is `conv2d`, `MaxPooling2D` is `max_pooling2d`."""
    return re.sub("([a-z])([A-Z])", r"\1_\2", re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)).lower()


def _is_same(code: str, config: Mapping[str, Any]) -> bool:
    """Whether the code makes what Keras wrote, names and building apart."""
    made = _made(code)
    return made is not None and _bare(keras.saving.serialize_keras_object(made)) == _bare(config)


def _made(code: str) -> Any:
    """What the code makes, or None where Keras refuses."""
    try:
        return eval(code, {"keras": keras})
    except (TypeError, ValueError, AttributeError):
        return None


def _bare(value: Any) -> Any:
    if isinstance(value, Mapping) and value.get("class_name") != "DTypePolicy":  # whose name is what it is
        skipped = ("name", "build_config", "build_input_shape", "compile_config", "registered_name", "shared_object_id")
        return {key: _bare(inner) for key, inner in value.items() if key not in skipped}
    if isinstance(value, list | tuple):
        return [_bare(inner) for inner in value]
    return value


def _raw(config: Any) -> str:
    return f"r'''{json.dumps(copy.deepcopy(config), ensure_ascii=False)}'''"
