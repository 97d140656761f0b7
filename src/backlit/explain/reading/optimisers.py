"""Reads a Keras optimiser: which rule it follows, and what it has kept so far.

>>> import backlit, keras
>>> read_optimizer(keras.optimizers.SGD(0.1, momentum=0.9))
Momentum(learning_rate=0.1, momentum=0.9, nesterov=False)

Not for what the rules do: see `optimisers.py` of the folder above.
"""

from typing import Any

import keras
import numpy as np

from backlit.errors import ModelError, SettingError
from backlit.explain.optimisers import Adam, GradientDescent, Momentum, Numbers, Optimiser
from backlit.language import Text, text, verbatim

_BY_NAME = {"sgd": keras.optimizers.SGD, "adam": keras.optimizers.Adam}
# What changes gradients or weights beside the rule itself; all are None or False unless somebody asked for them.
_EXTRAS = (
    "weight_decay",
    "clipnorm",
    "clipvalue",
    "global_clipnorm",
    "use_ema",
    "loss_scale_factor",
    "gradient_accumulation_steps",
    "amsgrad",
)


def read_optimizer(optimizer: Any, *, learning_rate: Any = None, momentum: Any = None) -> Optimiser:
    """The rule that an optimiser follows.

    Args:
        optimizer: `"sgd"`, `"adam"`, a Keras optimiser of these kinds, or a rule of `optimisers.py`.
        learning_rate: Instead of its own; None keeps it.
        momentum: Of SGD, instead of its own; None keeps it.

    Returns:
        The rule with its numbers.

    Raises:
        ModelError: If it is of another kind, or does more than its rule.
        SettingError: If learning rate or momentum are not in their range.
    """
    _require_numbers(learning_rate, momentum)
    if isinstance(optimizer, Optimiser):
        return optimizer
    is_name = isinstance(optimizer, str)
    known: Any = _BY_NAME[optimizer.lower()]() if is_name and optimizer.lower() in _BY_NAME else optimizer
    if type(known) not in _BY_NAME.values():
        name = str(optimizer) if optimizer is None or is_name else type(optimizer).__name__
        raise _refused(text("`{name}`", name=name))
    config: dict[str, Any] = known.get_config()
    for name in _EXTRAS:
        if config.get(name):
            raise _refused(verbatim(f"`{name}={config[name]}`"))
    if learning_rate is None and not isinstance(config["learning_rate"], float):
        raise _refused(text("a learning rate that a schedule sets"))
    rate = _as_written(config["learning_rate"]) if learning_rate is None else float(learning_rate)
    if isinstance(known, keras.optimizers.Adam):
        if momentum:
            raise _refused(verbatim(f"`adam`, `momentum={momentum}`"))
        return Adam(rate, float(config["beta_1"]), float(config["beta_2"]), float(config["epsilon"]))
    kept = float(config["momentum"] if momentum is None else momentum)
    return Momentum(rate, kept, bool(config["nesterov"])) if kept else GradientDescent(rate)


def read_state(optimizer: Any, rule: Optimiser, model: keras.Model) -> tuple[int, list[dict[str, Numbers]]]:
    """What an optimiser has kept from the steps it took.

    Args:
        optimizer: As for `read_optimizer`.
        rule: What `read_optimizer` made of it.
        model: Whose weights it moves.

    Returns:
        How many steps it took, and its state for each weight that learns; zeros if it took none.

    Raises:
        SettingError: If it was used for another model.
    """
    weights = model.trainable_variables
    if not isinstance(optimizer, keras.optimizers.Optimizer) or not optimizer.built:
        return 0, [rule.start(np.asarray(weight.value)) for weight in weights]
    # Keras names what it keeps `<weight>_momentum` and so on; SGD calls its velocity momentum.
    keras_names = ("momentum",) if isinstance(rule, Momentum) else rule.state_names
    kept = [[v for v in optimizer.variables if v.path.endswith(f"_{name}")] for name in keras_names]
    shapes = [tuple(weight.shape) for weight in weights]
    if any([tuple(variable.shape) for variable in variables] != shapes for variables in kept):
        raise SettingError(
            "explain-optimizer-state",
            what=text("Reading what the optimiser has kept"),
            expected=text("an optimiser of the model `{name}`", name=model.name),
            received=text("one that was used for other weights"),
            fix=text("Pass a new optimiser, or the one that the model was compiled with."),
        )
    states: list[dict[str, Numbers]] = [
        {name: np.asarray(kept[i][place].value, np.float64) for i, name in enumerate(rule.state_names)}
        for place in range(len(weights))
    ]
    n_steps: Any = optimizer.iterations
    return int(n_steps.value), states


def _refused(received: Text) -> ModelError:
    return ModelError(
        "explain-optimizer",
        what=text("Reading the optimiser"),
        expected=text("SGD, with or without momentum, or Adam, with nothing added"),
        received=received,
        fix=text("Pass for example `optimizer=\"sgd\"`; backlit's engine trains with all of Keras's."),
    )


def _require_numbers(learning_rate: Any, momentum: Any) -> None:
    for name, value, most in (("learning_rate", learning_rate, np.inf), ("momentum", momentum, 1.0)):
        if value is None:
            continue
        is_number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
        if not is_number or not 0 <= value <= most:
            raise SettingError(
                "explain-optimizer-number",
                what=text("Reading `{name}`", name=name),
                expected=text("a number of at least 0") if most == np.inf else text("a number from 0 to 1"),
                received=text("`{value}`", value=repr(value)),
                fix=text("Write for example `{name}=0.1`.", name=name),
            )


def _as_written(rate: float) -> float:
    """The number a user wrote: Keras keeps 0.1 as 0.10000000149, in float32."""
    return float(str(np.float32(rate))) if float(np.float32(rate)) == rate else rate
