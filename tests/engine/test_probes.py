"""What the probes measure, each against a computation of its own in plain NumPy, and when they measure."""

from dataclasses import fields

import keras
import numpy as np
import pytest

import backlit as bl
from backlit.data import from_arrays
from backlit.engine import probes as probes_folder
from backlit.engine.probes import Seen, all_probes
from backlit.engine.probing import FEWEST_EXAMPLES, FEWEST_PARTS
from backlit.engine.schedule import measured_steps
from backlit.errors import SettingError
from tests.engine.populations import blobs, dense, images, one_block, one_by_one, same, train_placed

RATE = 0.05


class Reference:
    """A dense network (relu, sigmoid, tanh, softmax) with cross-entropy and plain descent, gone through by hand."""

    ACTIVATIONS = ("relu", "sigmoid", "tanh", "softmax")

    def __init__(self, weights, inputs, targets, *, part_size, n_parts, n_step_parts):
        order = np.random.default_rng(0).permutation(len(inputs))
        n = n_parts + n_step_parts
        parts = np.resize(order, n * part_size).reshape(n, part_size)
        self.part_size, self.inputs, self.targets = part_size, inputs.astype(np.float64), targets
        before = [weight.astype(np.float64) for weight in weights]
        looked_at = [self.backward(before, part) for part in parts[:n_parts]]
        self.weights = self.labelled(before)
        self.loss = np.mean([loss for loss, *_ in looked_at])
        self.outputs = self.layers([np.concatenate([outs[i] for _, _, outs, _ in looked_at]) for i in range(4)])
        self.at_outputs = self.layers([np.concatenate([at[i] for *_, at in looked_at]) for i in range(4)])
        self.parts = [self.labelled(gradients) for _, gradients, _, _ in looked_at]
        self.gradients = {at: np.mean([part[at] for part in self.parts], axis=0) for at in self.weights}
        last = self.parts[n_parts - n_step_parts :]
        self.step = {at: np.mean([part[at] for part in last], axis=0) for at in self.weights}
        after = [weight - RATE * step for weight, step in zip(before, self.step.values(), strict=True)]
        later = [self.labelled(self.backward(after, part)[1]) for part in parts[n_parts:]]
        self.later = {at: np.mean([part[at] for part in later], axis=0) for at in self.weights}

    def labelled(self, arrays):
        names = [f"{layer}/{kind}" for layer in ("first", "second", "third", "last") for kind in ("kernel", "bias")]
        return dict(zip(names, arrays, strict=True))

    def layers(self, arrays):
        return dict(zip(("first", "second", "third", "last"), arrays, strict=True))

    def backward(self, weights, rows):
        x, y = self.inputs[rows], self.targets[rows]
        before, outputs = [], [x]
        for i, name in enumerate(self.ACTIVATIONS):
            z = outputs[-1] @ weights[2 * i] + weights[2 * i + 1]
            before.append(z)
            shifted = np.exp(z - z.max(axis=1, keepdims=True))
            made = {
                "relu": np.maximum(z, 0),
                "sigmoid": 1 / (1 + np.exp(-z)),
                "tanh": np.tanh(z),
                "softmax": shifted / shifted.sum(axis=1, keepdims=True),
            }
            outputs.append(made[name])
        share, picked = np.arange(len(rows)), outputs[-1]
        loss = -np.log(picked[share, y]).mean()
        one_hot = np.eye(picked.shape[1])[y]
        # Keras normalises the probabilities once more, so its gradient at the softmax lacks what makes them sum to 1.
        at = -one_hot / picked / len(rows) + 1 / len(rows)
        at_outputs, gradients = [at], []
        for i in reversed(range(4)):
            a, z = outputs[i + 1], before[i]
            slopes = {"relu": z > 0, "sigmoid": a * (1 - a), "tanh": 1 - a**2}
            at_z = (picked - one_hot) / len(rows) if i == 3 else at_outputs[0] * slopes[self.ACTIVATIONS[i]]
            gradients[:0] = [outputs[i].T @ at_z, at_z.sum(axis=0)]
            at_outputs.insert(0, at_z @ weights[2 * i].T)
        return loss, gradients, outputs[1:], at_outputs[1:]


def length(array):
    return np.sqrt((array**2).sum())


def near_bounds(reference):
    found = {}
    for layer, low in (("second", 0.0), ("third", -1.0)):
        output, margin = reference.outputs[layer], 0.01 * (1 - low)
        found[layer] = np.mean((output < low + margin) | (output > 1 - margin))
    return found


def histogram(output):
    edges = output.mean() + output.std() * np.linspace(-4, 4, 17)
    edges[0], edges[-1] = -np.inf, np.inf
    return np.histogram(output, edges)[0] / output.size


def noise_scale(reference):
    small, large = reference.part_size, reference.part_size * len(reference.parts)
    of_small = np.mean([sum((gradient**2).sum() for gradient in part.values()) for part in reference.parts])
    of_large = sum((gradient**2).sum() for gradient in reference.gradients.values())
    return ((of_small - of_large) / (1 / small - 1 / large)) / ((large * of_large - small * of_small) / (large - small))


def cosine(reference):
    one, other = (np.concatenate([g.ravel() for g in part.values()]) for part in (reference.step, reference.later))
    return one @ other / (length(one) * length(other))


def by(attribute, function):
    return lambda reference: {label: function(array) for label, array in getattr(reference, attribute).items()}


# Probe → what NumPy makes of the same rows. A new probe needs a line here.
EXPECTED = {
    "activation_histogram": by("outputs", histogram),
    "activation_mean": by("outputs", np.mean),
    "activation_spread": by("outputs", np.std),
    "dead_units": by("outputs", lambda output: np.mean([len(set(unit)) == 1 for unit in output.T])),
    "gradient_cosine": lambda reference: {"": cosine(reference)},
    "gradient_noise_scale": lambda reference: {"": noise_scale(reference)},
    "gradient_norm": by("gradients", length),
    "largest_activation": by("outputs", lambda output: np.abs(output).max()),
    "largest_gradient": by("gradients", lambda gradient: np.abs(gradient).max()),
    "largest_weight": by("weights", lambda weight: np.abs(weight).max()),
    "loss": lambda reference: {"": reference.loss},
    "output_gradient_norm": lambda reference: {
        label: reference.part_size * length(at) / np.sqrt(len(at)) for label, at in reference.at_outputs.items()
    },
    "saturated_units": near_bounds,
    "step_loss": lambda _: {},  # below: it is no look's, but the training's
    "update_ratio": lambda reference: {
        label: RATE * length(reference.step[label]) / length(weight) if weight.any() else np.nan
        for label, weight in reference.weights.items()
    },
    "weight_norm": by("weights", length),
}


def network():
    return keras.Sequential(
        [
            keras.Input((6,)),
            keras.layers.Dense(12, "relu", name="first"),
            keras.layers.Dense(9, "sigmoid", name="second", kernel_initializer=keras.initializers.RandomNormal(0, 4)),
            keras.layers.Dense(7, "tanh", name="third", kernel_initializer=keras.initializers.RandomNormal(0, 2)),
            keras.layers.Dense(3, "softmax", name="last"),
        ]
    )


def measured(run, step):
    """Probe to label to numbers, of a run of one member."""
    frame = run.probes.filter(run.probes["step"] == step).sort("bin", maintain_order=True)
    found = {}
    for row in frame.iter_rows(named=True):
        label = "/".join(filter(None, (row["layer"], row["weight"])))
        found.setdefault(row["probe"], {}).setdefault(label, []).append(row["value"])
    return found


@pytest.fixture(scope="module")
def data():
    return blobs(400)


@pytest.fixture(
    scope="module", params=[(8, 16, 32, 1), (32, 4, 32, 1), (128, 4, 32, 4)], ids=lambda one: f"batch={one[0]}"
)
def looked(request, data):
    """A run with all probes, and what NumPy makes of its first and last look."""
    batch_size, n_parts, part_size, n_step_parts = request.param
    part_size = min(part_size, batch_size)
    common = {"optimizer": "sgd", "learning_rate": RATE, "batch_size": batch_size, "seeds": [3]}
    run = train_placed(network(), data, epochs=2, probes=True, **common)
    first = train_placed(network(), data, epochs=0, **common)
    sizes = {"part_size": part_size, "n_parts": n_parts, "n_step_parts": n_step_parts}
    references = {}
    for step, weights in ((0, first.weights(0)), (int(run.probes["step"].max()), run.weights(0))):
        references[step] = Reference(weights, *data.train, **sizes)
    return run, references


def test_every_probe_is_in_the_table_and_the_other_way_round():
    assert sorted(EXPECTED) == sorted(all_probes())


@pytest.mark.parametrize("probe", sorted(EXPECTED))
def test_values_equal_an_independent_computation(looked, probe):
    run, references = looked
    for step, reference in references.items():
        expected, found = EXPECTED[probe](reference), measured(run, step)[probe]
        if probe == "step_loss":
            continue
        assert set(expected) == set(found)
        for label, value in expected.items():
            tolerance = 2e-2 if probe == "gradient_noise_scale" else 2e-3 if probe == "activation_histogram" else 2e-4
            np.testing.assert_allclose(
                np.ravel(value), found[label], rtol=tolerance, atol=1e-6, err_msg=f"{label} {step}"
            )


def test_the_step_loss_is_that_of_the_last_batch_before_its_step(data):
    # One epoch in batches of 200 rows, two steps: the epoch's loss is the mean of both.
    run = train_placed(network(), data, epochs=1, batch_size=200, optimizer="sgd", probes=["step_loss"])
    found = [measured(run, step)["step_loss"][""][0] for step in (0, 1, 2)]
    assert np.isnan(found[0])
    assert run.history.filter(run.history["metric"] == "loss")["value"].to_list()[0] == pytest.approx(
        (found[1] + found[2]) / 2, rel=1e-5
    )


def test_dead_and_saturated_units_of_a_network_with_known_weights():
    # Inputs 1..4 alone. relu(x), relu(-x): the second unit is 0 for all, half of the units are dead.
    # tanh(10 · relu(x)) is 1 for all rows: saturated; tanh(0) is not, so half of 2 units · rows.
    x = np.arange(1, 5, dtype="float32")[:, None]
    model = keras.Sequential(
        [
            keras.Input((1,)),
            keras.layers.Dense(2, "relu", name="pair", use_bias=False),
            keras.layers.Dense(2, "tanh", name="flat", use_bias=False),
            keras.layers.Dense(1, name="out", use_bias=False),
        ]
    )
    model.set_weights([np.array([[1.0, -1.0]]), np.array([[10.0, 0.0], [0.0, 10.0]]), np.ones((2, 1))])
    run = bl.fit(model, (x, x), epochs=1, batch_size=4, learning_rate=0.0, probes=True, save=False, verbose=False)
    found = measured(run, 0)
    # In float32 tanh(10 · x) is 1 for x ≥ 1: what `flat` puts out, and so `out`, is the same for every row.
    assert {"pair": [0.5], "flat": [1.0], "out": [1.0]} == found["dead_units"]
    assert {"flat": [0.5]} == found["saturated_units"]
    assert {"pair/kernel": [pytest.approx(np.sqrt(2))], "flat/kernel": [pytest.approx(np.sqrt(200))]} == {
        label: value for label, value in found["weight_norm"].items() if label != "out/kernel"
    }


def test_looks_change_nothing(data):
    request = {"optimizer": "adam", "epochs": 3, "seeds": [0]}
    model = keras.Sequential([*dense(8).layers[:-1], keras.layers.Dropout(0.3), keras.layers.Dense(3, "softmax")])
    assert same(train_placed(model, data, probes=True, **request), train_placed(model, data, **request))


@pytest.mark.parametrize("placement", [one_block(3), one_by_one(3)], ids=["vmapped", "mapped"])
def test_members_are_looked_at_as_if_they_were_alone(data, placement):
    request = {"optimizer": "sgd", "epochs": 1, "probes": True}
    together = train_placed(network(), data, placement, seeds=[0, 1, 2], **request)
    for member, seed in enumerate((0, 1, 2)):
        alone = train_placed(network(), data, seeds=[seed], **request)
        for step in (0, 4):
            mine, theirs = measured(together[member], step), measured(alone, step)
            for probe, by_label in theirs.items():
                for label, values in by_label.items():
                    np.testing.assert_allclose(
                        mine[probe][label], values, rtol=5e-3, atol=1e-4, err_msg=f"{probe} {label}"
                    )


def test_a_new_probe_is_one_new_file(tmp_path, monkeypatch, data):
    (tmp_path / "smallest_weight.py").write_text(
        "import jax.numpy as jnp\n"
        "from backlit.engine.probes.kind import Probe\n"
        "from backlit.language import verbatim\n"
        "def measure(seen):\n"
        "    return {label: jnp.min(jnp.abs(weight)) for label, weight in seen.weights.items()}\n"
        "PROBE = Probe('smallest_weight', verbatim('Smallest weight'), needs=('weights',), measure=measure)\n"
    )
    monkeypatch.setattr(probes_folder, "__path__", [*probes_folder.__path__, str(tmp_path)])
    run = train_placed(network(), data, epochs=1, probes=["smallest_weight", "loss"], optimizer="sgd", seeds=[0])
    assert {"smallest_weight", "loss"} == set(run.probes["probe"])
    last = measured(run, int(run.probes["step"].max()))["smallest_weight"]["first/kernel"]
    assert [pytest.approx(float(np.abs(run.weights(0)[0]).min()), rel=1e-5)] == last


def test_a_probe_sees_what_it_declares_and_no_more():
    known = {each.name for each in fields(Seen)}
    for probe in all_probes().values():
        assert set(probe.needs) <= known, probe.name
        assert probe.title.say("zh") != probe.title.say("en"), f"{probe.name} has no Chinese title"


def test_an_unknown_probe_is_named_with_the_nearest():
    with pytest.raises(SettingError, match=r"`weights_norm`.*Did you mean `weight_norm`"):
        bl.fit(network(), blobs(20), probes=["weights_norm"], save=False, verbose=False)


def test_when_looks_are_taken():
    # Dense up to 4, then doubling, until the first epoch ends; then ends of epochs, at least 250 steps apart.
    assert (0, 1, 2, 3, 4, 8, 16, 32, 64, 100, 400, 500) == measured_steps(epoch_steps=100, n_epochs=5, gap=250)
    assert (0, 1, 2, 3, 4, 8, 16, 20, 40) == measured_steps(epoch_steps=20, n_epochs=2, gap=250)
    assert (0, 1, 2) == measured_steps(epoch_steps=1, n_epochs=2, gap=250)
    assert (0,) == measured_steps(epoch_steps=7, n_epochs=0, gap=250)
    assert 1000 in measured_steps(epoch_steps=1000, n_epochs=3, gap=250)


def test_few_rows_are_looked_at_more_than_once():
    run = train_placed(dense(4), blobs(10), epochs=1, probes=True, batch_size=10, optimizer="sgd", seeds=[0])
    assert measured(run, 0)["gradient_noise_scale"][""] == [pytest.approx(np.nan, nan_ok=True)]
    assert FEWEST_PARTS * 10 < FEWEST_EXAMPLES, "ten rows are fewer than a look wants"
    assert np.isfinite(measured(run, 0)["gradient_cosine"][""][0])


def test_rows_end_where_a_member_diverges_or_stops():
    run = train_placed(
        keras.Sequential([keras.Input((6,)), keras.layers.Dense(4), keras.layers.Dense(1)]),
        from_arrays(np.ones((64, 6), "float32"), np.ones((64, 1), "float32"), task="regression"),
        optimizer="sgd",
        learning_rate=[1e12, 1e-3],
        epochs=2,
        batch_size=8,
        probes=["weight_norm"],
    )
    last = [run[member].probes["step"].max() for member in (0, 1)]
    assert run.members["diverged_step"][0] > last[0]
    assert 16 == last[1]
    assert run[0].probes["value"].is_finite().all()


def layers_of(run, probe="activation_mean"):
    return run.probes.filter(run.probes["probe"] == probe)["layer"].unique(maintain_order=True).to_list()


def test_layers_bear_the_names_of_the_users_model_although_the_program_is_used_again(data):
    def named(name):
        return keras.Sequential(
            [keras.Input((6,)), keras.layers.Dense(5, "relu", name=name), keras.layers.Dense(3, name=f"{name}_out")]
        )

    runs = [bl.fit(named(name), data, epochs=1, probes=True, save=False, verbose=False) for name in ("one", "two")]
    assert [["one", "one_out"], ["two", "two_out"]] == [layers_of(run) for run in runs]
    weights = runs[1].probes.filter(runs[1].probes["layer"] == "two")["weight"]
    assert {"kernel", "bias"} == set(weights.drop_nulls())


def test_layers_come_in_the_order_of_the_network(data):
    names = [f"layer_{i}" for i in range(11, -1, -1)]
    layers = [keras.layers.Dense(3, name=name) for name in names]
    run = train_placed(keras.Sequential([keras.Input((6,)), *layers]), data, epochs=1, probes=["activation_mean"])
    assert names == layers_of(run)


def convolutional():
    return keras.Sequential(
        [
            keras.Input((6, 6, 1)),
            keras.layers.Conv2D(4, 3, activation="relu", name="conv"),
            keras.layers.BatchNormalization(name="norm"),
            keras.layers.MaxPooling2D(name="pool"),
            keras.layers.Flatten(),
            keras.layers.Dense(3, "softmax", name="out"),
        ]
    )


def inner():
    inside = keras.Sequential([keras.Input((6,)), keras.layers.Dense(5, "tanh", name="deep")], name="inner")
    inputs = keras.Input((6,))
    shared = keras.layers.Dense(6, "relu", name="shared")
    return keras.Model(inputs, keras.layers.Dense(3, "softmax", name="out")(inside(shared(shared(inputs)))))


def sequences():
    inputs = keras.Input((6, 1))
    x = keras.layers.Dense(4, name="embed")(inputs)
    x = keras.layers.LayerNormalization(name="norm")(keras.layers.MultiHeadAttention(2, 3, name="attend")(x, x) + x)
    x = keras.layers.LSTM(5, name="lstm")(x)
    return keras.Model(inputs, keras.layers.Dense(3, "softmax", name="out")(x))


@pytest.mark.parametrize(
    ("make", "data", "names", "weights"),
    [
        (convolutional, images(40), ["conv", "norm", "pool", "out"], ["conv/kernel", "norm/gamma", "out/bias"]),
        (inner, blobs(40), ["shared", "shared#2", "inner.deep", "out"], ["shared/kernel", "inner.deep/bias"]),
        (
            sequences,
            from_arrays(np.random.default_rng(0).normal(size=(40, 6, 1)).astype("float32"), np.arange(40) % 3),
            ["embed", "attend", "norm", "lstm", "out"],
            ["attend/query/kernel", "lstm/lstm_cell/kernel", "norm/beta"],
        ),
    ],
    ids=["convolutional", "nested and shared", "attention and LSTM"],
)
def test_layers_of_every_kind_are_looked_at(make, data, names, weights):
    run = train_placed(make(), data, epochs=1, probes=True, optimizer="adam", seeds=2)
    assert set(names) <= set(layers_of(run))
    found = measured(run[1], 0)
    assert set(weights) <= set(found["gradient_norm"])
    for probe in ("activation_spread", "gradient_norm", "output_gradient_norm"):
        assert all(np.isfinite(values).all() for values in found[probe].values()), probe
    assert all(values[0] > 0 for values in found["output_gradient_norm"].values())


def test_half_precision_is_measured_in_single():
    policy = keras.dtype_policies.get("mixed_float16")
    layers = [
        keras.layers.Dense(8, "relu", dtype=policy, name="half"),
        keras.layers.Dense(3, "softmax", dtype="float32"),
    ]
    run = train_placed(keras.Sequential(layers), blobs(40), epochs=1, probes=True, optimizer="sgd", seeds=[0])
    found = measured(run, 0)
    assert 0 < found["update_ratio"]["half/kernel"][0] < 1
    assert 0 < found["gradient_norm"]["half/kernel"][0] < 100


def test_probes_are_kept_with_the_run(tmp_path, monkeypatch, data):
    monkeypatch.setenv("BACKLIT_HOME", str(tmp_path))
    run = bl.fit(network(), data, epochs=1, probes=True, seeds=2, verbose=False)
    assert bl.open_run(run.id).probes.equals(run.probes, null_equal=True)
    assert len(run.probes) > 100
