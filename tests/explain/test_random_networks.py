"""Random networks over all operations: every gradient by three roads, and how many entries no difference can show."""

from collections import Counter

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from backlit import explain
from tests.explain.random_networks import draw_network

STARTS = ("image", "sequence", "tokens", "vector")
# Operations that no network needs to have drawn: they do nothing.
AT_REST = {"Identity"}


def examine(start, *, training, n_networks, salt):
    """Explains random networks; each gradient must agree with both other roads.

    Returns:
        Entries that were nudged, those that crossed a kink, networks, and how often each operation stood in one.
    """
    counts, operations = Counter(), Counter()

    @seed(salt)
    @settings(
        max_examples=n_networks,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(data=st.data())
    def agree(data):
        network = draw_network(data.draw, start)
        found = explain.backprop(network.model, network.x, network.y, loss=network.loss, training=training)
        shown = [f"{node.layer}: {node.operation}" for node in found.graph.nodes]
        assert found.agreement.worst_autodiff <= 1e-8, (shown, found.agreement)
        assert found.agreement.worst_difference <= 1e-5, (shown, found.agreement)
        counts.update(entries=found.agreement.n_entries, kinks=found.agreement.n_kinks, networks=1)
        operations.update({type(node.operation).__name__ for node in found.graph.nodes})

    agree()
    return counts, operations


@pytest.mark.parametrize("start", STARTS)
def test_gradients_of_a_few_random_networks_agree(start):
    counts, _ = examine(start, training=True, n_networks=2, salt=1)
    assert counts["networks"] == 2
    assert counts["kinks"] <= max(1, 0.01 * counts["entries"])


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_gradients_of_forty_random_networks_over_all_operations_agree():
    """Central differences leave out entries that cross a kink: at most one in a hundred."""
    counts, operations = Counter(), Counter()
    for salt, start in enumerate(STARTS):
        for training in (False, True):
            more, drawn = examine(start, training=training, n_networks=8, salt=10 * salt + training)
            counts += more
            operations += drawn
    print(f"{counts} {operations}")
    assert counts["networks"] >= 40
    assert counts["kinks"] <= 0.01 * counts["entries"]
    assert set(operations) >= all_operations() - AT_REST


def all_operations():
    """Names of all operations of `explain.ops`."""
    import inspect

    from backlit.explain.ops import Operation

    found, waiting = set(), [Operation]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if not inspect.isabstract(kind) and kind.__module__.startswith("backlit.explain.ops."):
            found.add(kind.__name__)
    return found
