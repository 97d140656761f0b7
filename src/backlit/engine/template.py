"""A Keras model as pure functions: what one step and one evaluation do to a member's arrays.

    Template(model)          a compiled clone of the user's model, and which of its variables are what
    template.state()         the clone's present values, as plain lists of arrays
    template.update(...)     one optimiser step
    template.score(...)      loss and predictions without learning

Every number that Keras computes is computed by Keras: the forward pass, the loss with its regularisers, the metrics,
the optimiser. What differs is that variables are arguments and results, so that `vmap`, `scan` and shards can hold
a whole population of them, and that numbers such as the momentum or a dropout rate may be traced (`settings`).

Not for deciding which members share a Template: see `plan.py`.
"""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import keras
import numpy as np

from backlit.data.augment import SETTINGS as AUGMENT
from backlit.engine._keras_private import (
    Call,
    TracedNumber,
    compiled_loss,
    rate_variable,
    tapped_outputs,
    weight_copies,
)
from backlit.engine.augmentation import Augmentation
from backlit.engine.kernels import fast_kernels
from backlit.engine.slices import is_sliceable, mean_over_slices, n_shared_slices, n_slices

Arrays = list[jax.Array]
Settings = Mapping[str, jax.Array]
Drawn = dict[str, jax.Array]  # random numbers of a batch's examples, and what is mixed into them
Rows = tuple[jax.Array, jax.Array, jax.Array | None, Drawn | None]  # inputs, targets, weights of a batch's examples

LEARNING_RATE = "learning_rate"
PENALTIES = ("l1", "l2")
DROPOUT = "dropout"
_DROPOUT_LAYERS = (
    keras.layers.Dropout,
    keras.layers.SpatialDropout1D,
    keras.layers.SpatialDropout2D,
    keras.layers.SpatialDropout3D,
    keras.layers.AlphaDropout,
    keras.layers.GaussianDropout,
)
_KERNEL_NAMES = ("kernel", "embeddings")  # as in `depthwise_kernel`; Keras's `kernel_regularizer` acts on these


class Template:
    """The pure functions of one network structure with its loss, metrics and optimiser.

    Args:
        model: A built and compiled clone, from `clone.py`.
        augmentation: How training images are changed, or None.

    Attributes:
        model: The compiled clone whose code is traced. Its own values are never changed.
        augmentation: How training images are changed, or None.
        rate_idx: Place of the learning rate among the optimiser's variables, or None under a schedule.
        seed_idxs: Places of random generators' states among the non-trainable variables.
    """

    def __init__(self, model: keras.Model, augmentation: Augmentation | None = None) -> None:
        is_ready = model.compiled and model.built and model.optimizer.built
        assert is_ready, "bug in backlit: a Template needs a built and compiled model"
        self.model, self.augmentation = model, augmentation
        self.optimizer: Any = model.optimizer
        rate = rate_variable(self.optimizer)
        places = [i for i, variable in enumerate(self.optimizer.variables) if variable is rate]
        self.rate_idx = places[0] if places else None
        scale = getattr(self.optimizer, "dynamic_scale", None)
        self._scale_idx = next((i for i, each in enumerate(self.optimizer.variables) if each is scale), None)
        self._copies = weight_copies(self.optimizer)
        self.seed_idxs = [
            i for i, variable in enumerate(model.non_trainable_variables) if "seed_generator_state" in variable.path
        ]
        self._kernel_idxs = [
            i
            for i, variable in enumerate(model.trainable_variables)
            if any(variable.name.endswith(name) for name in _KERNEL_NAMES)
        ]
        self._dropouts = [layer for layer in model._flatten_layers() if isinstance(layer, _DROPOUT_LAYERS)]
        self._is_sliceable = jax.devices()[0].platform == "cpu" and is_sliceable(model)

    @property
    def has_dropout(self) -> bool:
        """Whether a layer drops neurons at a rate that `dropout` can set."""
        return bool(self._dropouts)

    def may_share(self, batch_size: int, n_shares: int) -> bool:
        """Whether a step can be shared among cores.

        Args:
            batch_size: Examples of one step.
            n_shares: Cores.

        Returns:
            True if each can take as many slices of the batch.
        """
        return self._is_sliceable and n_shared_slices(self.model, batch_size, n_shares=n_shares) > 1

    def set_dropout(self, rate: float | None) -> None:
        """Gives every dropout layer of the clone this rate; None leaves them as they are."""
        for layer in self._dropouts:
            if rate is not None:
                layer.rate = rate

    def state(self) -> dict[str, list[np.ndarray]]:
        """The clone's present values: trainable, non-trainable, optimiser and metric variables."""
        return {
            "trainable": _values(self.model.trainable_variables),
            "non_trainable": _values(self.model.non_trainable_variables),
            "optimizer": _values(self.optimizer.variables),
            "metrics": _values(self.model.metrics_variables),
        }

    def start_optimizer(self, state: dict[str, list[np.ndarray]]) -> dict[str, list[np.ndarray]]:
        """Gives an optimiser that starts from the weights (schedule-free) those of the state.

        Args:
            state: As `state`, with the first weights of a member; changed and returned.

        Returns:
            The same state.
        """
        for place, weight in self._copies:
            state["optimizer"][place] = np.array(state["trainable"][weight])
        return state

    def drawn(self, batch: Mapping[str, jax.Array], member: Mapping[str, Any]) -> tuple[jax.Array, Drawn | None]:
        """What chance has in store for a training batch, before its step.

        Args:
            batch: `inputs` and `targets`.
            member: State of one member: `augment`, `step`, `settings`.

        Returns:
            The inputs, mixed where that is asked for; and what `update` and `look` need to change them further, or
            None where they stay as they are.
        """
        if self.augmentation is None:
            return batch["inputs"], None
        return self.augmentation.drawn(
            batch["inputs"],
            batch["targets"],
            member=member["augment"],
            step=member["step"],
            settings=member["settings"],
        )

    def update(
        self,
        trainable: Arrays,
        non_trainable: Arrays,
        optimizer: Arrays,
        metrics: Arrays,
        inputs: jax.Array,
        targets: jax.Array,
        sample_weight: jax.Array | None,
        settings: Settings,
        *,
        drawn: Drawn | None = None,
        n_shares: int = 1,
    ) -> tuple[Arrays, Arrays, Arrays, Arrays, jax.Array]:
        """One step: forward, backward, optimiser.

        Args:
            trainable: Weights that learn.
            non_trainable: Batch statistics, random states, frozen weights.
            optimizer: The optimiser's variables.
            metrics: The metrics' running sums.
            inputs: One batch.
            targets: One batch.
            sample_weight: One weight for each example, or None.
            settings: Traced numbers by name.
            drawn: From `drawn`, as the inputs are.
            n_shares: Cores that share the step; all of them have all arguments.

        Returns:
            The four lists after the step, and the batch's loss before it.
        """
        optimizer = self._at_rate(optimizer, settings)

        def loss_of(weights: Arrays, rows: Rows) -> tuple[jax.Array, tuple[jax.Array, jax.Array, Arrays]]:
            return self._loss(weights, non_trainable, optimizer, metrics, *rows, settings)

        gradient_of = jax.value_and_grad(loss_of, has_aux=True)
        rows = (inputs, targets, sample_weight, drawn)
        n = 1
        if n_shares > 1:
            n = n_shared_slices(self.model, inputs.shape[0], n_shares=n_shares)
        elif self._is_sliceable:
            n = n_slices(self.model, inputs.shape[0])
        with self._settings(settings), fast_kernels():
            if n > 1:
                loss, predictions, gradients = mean_over_slices(gradient_of, trainable, rows, n=n, n_shares=n_shares)
            else:
                (_, (loss, predictions, non_trainable)), gradients = gradient_of(trainable, rows)
            trainable, optimizer = self.optimizer.stateless_apply(optimizer, gradients, trainable)
        metrics = self._update_metrics(metrics, inputs, targets, predictions, sample_weight)
        return trainable, non_trainable, optimizer, metrics, loss

    def look(
        self,
        trainable: Arrays,
        non_trainable: Arrays,
        optimizer: Arrays,
        metrics: Arrays,
        inputs: jax.Array,
        targets: jax.Array,
        sample_weight: jax.Array | None,
        settings: Settings,
        *,
        layers: Sequence[keras.Layer],
        drawn: Drawn | None = None,
    ) -> tuple[jax.Array, Arrays, dict[Call, jax.Array], dict[Call, jax.Array]]:
        """A step's forward and backward pass without the step, and what the layers put out on the way.

        A zero is added to every output; the gradient by that zero is the gradient at the output.

        Args:
            trainable: Weights that learn.
            non_trainable: Batch statistics, random states, frozen weights.
            optimizer: The optimiser's variables.
            metrics: The metrics' running sums.
            inputs: One batch.
            targets: One batch.
            sample_weight: One weight for each example, or None.
            settings: Traced numbers by name.
            layers: Whose outputs to look at.
            drawn: From `drawn`, as the inputs are; None leaves images as they came.

        Returns:
            The batch's loss, the gradients by the weights, and by layer and call (number of the layer, number of its
            call) the outputs and the gradients by them.
        """
        optimizer = self._at_rate(optimizer, settings)

        def loss_of(weights: Arrays, zeros: dict[Call, jax.Array]) -> tuple[jax.Array, dict[Call, jax.Array]]:
            with tapped_outputs(layers, zeros) as outputs:
                _, (loss, _, _) = self._loss(
                    weights, non_trainable, optimizer, metrics, inputs, targets, sample_weight, drawn, settings
                )
            return loss, dict(outputs)

        with self._settings(settings), fast_kernels():
            shapes = jax.eval_shape(lambda weights: loss_of(weights, {})[1], trainable)
            zeros = {call: jnp.zeros(shape.shape, shape.dtype) for call, shape in shapes.items()}
            (loss, outputs), (gradients, at_outputs) = jax.value_and_grad(loss_of, argnums=(0, 1), has_aux=True)(
                trainable, zeros
            )
        return loss, gradients, outputs, at_outputs

    def apply(self, trainable: Arrays, optimizer: Arrays, gradients: Arrays, settings: Settings) -> Arrays:
        """The weights after the optimiser's step along some gradients.

        Args:
            trainable: Weights that learn.
            optimizer: The optimiser's variables.
            gradients: By the weights.
            settings: Traced numbers by name.

        Returns:
            The weights.
        """
        if self._scale_idx is not None:  # in mixed precision Keras's optimiser divides by this first
            gradients = [gradient * optimizer[self._scale_idx].astype(gradient.dtype) for gradient in gradients]
        with self._settings(settings):
            return self.optimizer.stateless_apply(self._at_rate(optimizer, settings), gradients, trainable)[0]

    def score(
        self,
        trainable: Arrays,
        non_trainable: Arrays,
        metrics: Arrays,
        inputs: jax.Array,
        targets: jax.Array,
        sample_weight: jax.Array | None,
        settings: Settings,
    ) -> tuple[Arrays, jax.Array]:
        """Loss of one batch without learning; the metrics' running sums move on.

        Args:
            trainable: Weights that learn.
            non_trainable: Batch statistics, random states, frozen weights.
            metrics: The metrics' running sums.
            inputs: One batch.
            targets: One batch.
            sample_weight: One weight for each example, or None.
            settings: Traced numbers by name.

        Returns:
            The metrics' sums after the batch, and the batch's mean loss.
        """
        with fast_kernels():
            _, (loss, predictions, _, _) = self.model.compute_loss_and_updates(
                trainable, non_trainable, metrics, inputs, targets, sample_weight, training=False
            )
        penalty = self._penalty(trainable, settings)
        if penalty is not None:
            loss = loss + penalty.astype(loss.dtype)
        return self._update_metrics(metrics, inputs, targets, predictions, sample_weight), loss

    def predict(self, trainable: Arrays, non_trainable: Arrays, inputs: jax.Array) -> jax.Array:
        """Predictions of one batch, with layers in inference mode."""
        keywords = {"training": False} if self.model._call_has_training_arg else {}
        with fast_kernels():
            return self.model.stateless_call(trainable, non_trainable, inputs, **keywords)[0]

    def averaged(self, optimizer: Arrays) -> list[np.ndarray]:
        """The weights' moving averages that an optimiser with `use_ema` keeps, from its variables."""
        mapping = list(zip(self.optimizer.variables, optimizer, strict=True))
        with keras.StatelessScope(state_mapping=mapping) as scope:
            self.optimizer.finalize_variable_values(self.model.trainable_variables)
            return [np.asarray(_current(scope, variable)) for variable in self.model.trainable_variables]

    def metric_results(self, metrics: Arrays) -> dict[str, jax.Array]:
        """The value of each metric from its running sums, by name, without the loss."""
        with keras.StatelessScope(state_mapping=self._paired(metrics)):
            results = self.model.get_metrics_result()
        return {name: jnp.asarray(value) for name, value in results.items() if name != "loss"}

    def metric_names(self) -> list[str]:
        """Names of the metrics, as the history shows them."""
        zeros = [jnp.asarray(value) for value in _values(self.model.metrics_variables)]
        return list(jax.eval_shape(self.metric_results, zeros))

    def _loss(
        self,
        weights: Arrays,
        non_trainable: Arrays,
        optimizer: Arrays,
        metrics: Arrays,
        inputs: jax.Array,
        targets: jax.Array,
        sample_weight: jax.Array | None,
        drawn: Drawn | None,
        settings: Settings,
    ) -> tuple[jax.Array, tuple[jax.Array, jax.Array, Arrays]]:
        """What is differentiated (scaled in mixed precision); the loss, predictions, other variables afterwards."""
        mixed_in = None
        if drawn is not None and self.augmentation is not None:
            inputs = self.augmentation.changed(inputs, drawn, settings)
        if drawn is not None and "share" in drawn:
            # λ · loss(own target) + (1 − λ) · loss(other target), by the weights of the examples: right for every loss.
            weight = jnp.ones_like(drawn["share"]) if sample_weight is None else sample_weight
            mixed_in = weight * drawn["share"].astype(weight.dtype)
            sample_weight = weight - mixed_in
        scaled, (loss, predictions, after, _) = self.model.compute_loss_and_updates(
            weights,
            non_trainable,
            metrics,
            inputs,
            targets,
            sample_weight,
            training=True,
            optimizer_variables=optimizer,
        )
        if drawn is not None and mixed_in is not None:
            other = compiled_loss(self.model, drawn["other_targets"], predictions, mixed_in).astype(loss.dtype)
            with keras.StatelessScope(state_mapping=list(zip(self.optimizer.variables, optimizer, strict=True))):
                scaled = scaled + jnp.asarray(self.optimizer.scale_loss(other)).astype(scaled.dtype)
            loss = loss + other
        penalty = self._penalty(weights, settings)
        if penalty is not None:
            scaled, loss = scaled + penalty.astype(scaled.dtype), loss + penalty.astype(loss.dtype)
        return scaled, (loss, predictions, after)

    def _at_rate(self, optimizer: Arrays, settings: Settings) -> Arrays:
        """The optimiser's variables with the learning rate that the settings give."""
        if LEARNING_RATE not in settings or self.rate_idx is None:
            return optimizer
        optimizer = list(optimizer)
        optimizer[self.rate_idx] = settings[LEARNING_RATE].astype(optimizer[self.rate_idx].dtype)
        return optimizer

    def _update_metrics(
        self, metrics: Arrays, inputs: Any, targets: Any, predictions: Any, sample_weight: Any
    ) -> Arrays:
        if len(metrics) <= 2:  # only Keras's own loss tracker (total, count), which the engine keeps itself
            return metrics
        with keras.StatelessScope(state_mapping=self._paired(metrics)) as scope:
            self.model.compute_metrics(inputs, targets, predictions, sample_weight)
            return [_current(scope, variable) for variable in self.model.metrics_variables]

    def _paired(self, metrics: Arrays) -> list[tuple[Any, jax.Array]]:
        return list(zip(self.model.metrics_variables, metrics, strict=True))

    def _penalty(self, trainable: Arrays, settings: Settings) -> jax.Array | None:
        """l1 · Σ|w| + l2 · Σw² over all kernels, as Keras's `regularizers.L1L2` on every layer would add."""
        terms = []
        for name, size in (("l1", jnp.abs), ("l2", jnp.square)):
            if name in settings:
                total = sum(jnp.sum(size(trainable[i])) for i in self._kernel_idxs)
                terms.append(settings[name] * total)
        return sum(terms[1:], terms[0]) if terms else None

    @contextlib.contextmanager
    def _settings(self, settings: Settings) -> Iterator[None]:
        """Puts traced numbers where Keras reads plain ones, for the time of the trace."""
        owners: list[tuple[Any, str, Any]] = []
        for name, value in settings.items():
            if name == DROPOUT:
                owners += [(layer, "rate", value) for layer in self._dropouts]
            elif name not in (LEARNING_RATE, *PENALTIES, *AUGMENT):
                owners.append((self.optimizer, name, value))
        before = [getattr(owner, name) for owner, name, _ in owners]
        for owner, name, value in owners:
            # Past Keras's attribute tracking, which would look inside the value.
            object.__setattr__(owner, name, TracedNumber(value))
        try:
            yield
        finally:
            for (owner, name, _), value in zip(owners, before, strict=True):
                object.__setattr__(owner, name, value)


def _current(scope: Any, variable: Any) -> jax.Array:
    value = scope.get_current_value(variable)
    return variable.value if value is None else value


def _values(variables: Any) -> list[np.ndarray]:
    return [np.asarray(variable.value) for variable in variables]
