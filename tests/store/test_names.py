"""A run is found by its name, the beginning of it, its last four characters, or `last`; and it can be deleted."""

import re
from datetime import UTC, datetime

import pytest

from backlit.errors import StoreError
from backlit.store import RunRow, Store


def row(id, **others):
    known = {"created": datetime(2026, 11, 22, tzinfo=UTC), "data": "digits", "model": "Dense 10", "axes": ("seed",)}
    counts = {"n_members": 2, "epochs": 3, "n_finished": 2, "n_stopped_early": 0, "n_diverged": 0}
    return RunRow(id=id, **{**known, **counts, "metric": "loss", "best": 0.5, "run_s": 1.0, "size_bytes": 7, **others})


@pytest.fixture
def store():
    """Three runs in a table, the last added last; no files."""
    store = Store()
    store.home.mkdir(exist_ok=True)
    for id in ("20261122-100000-digits-a1b2", "20261122-100001-iris-c3d4", "20261122-110000-digits-a1ff"):
        store.database.insert(row(id), description="{}", data_digest="d")
    return store


@pytest.mark.parametrize(
    ("name", "id"),
    [
        ("20261122-100001-iris-c3d4", "20261122-100001-iris-c3d4"),
        ("20261122-11", "20261122-110000-digits-a1ff"),
        ("a1b2", "20261122-100000-digits-a1b2"),
        ("last", "20261122-110000-digits-a1ff"),
    ],
)
def test_a_name_means_one_run(store, name, id):
    assert id == store.full_id(name)


def test_an_ambiguous_name_lists_what_it_may_mean(store):
    expected = (
        "Looking for the run `20261122-10`: expected a name that means one run, received 2 runs, newest first: "
        "`20261122-100001-iris-c3d4`, `20261122-100000-digits-a1b2`. Write more of the name."
    )
    with pytest.raises(StoreError, match=re.escape(expected)):
        store.open("20261122-10")


def test_an_unknown_name_gets_the_nearest(store):
    with pytest.raises(StoreError, match=r"`20261122-100001-irs-c3d4`.*Did you mean `20261122-100001-iris-c3d4`\?"):
        store.open("20261122-100001-irs-c3d4")


def test_a_name_far_from_all_gets_the_newest(store):
    with pytest.raises(
        StoreError, match=r"received a name that no run has\. The newest: `20261122-110000-digits-a1ff`"
    ):
        store.delete("xyz")


def test_an_empty_name_means_no_run(store):
    with pytest.raises(StoreError, match="run ``: expected the name of a run"):
        store.open("")


def test_an_empty_store_says_how_to_fill_it(tmp_path):
    with pytest.raises(
        StoreError, match=r"expected at least one run under .*received none\. Train one first"
    ) as caught:
        Store(tmp_path / "none").open("last")
    assert "请先训练一次" in caught.value.say("zh")
    assert not (tmp_path / "none").exists()


def test_a_deleted_run_is_gone_with_its_files(population):
    store = Store()
    first, second = store.keep(population), store.keep(population)
    opened = store.open(first)
    assert first == store.delete(first)
    assert [second] == [row.id for row in store.listing()]
    assert [second] == [path.name for path in (store.home / "runs").iterdir()]
    assert population.history.equals(opened.history)  # whoever has it open keeps it
    with pytest.raises(StoreError, match=f"run `{first}`"):
        store.open(first)


def test_a_run_whose_files_are_gone_can_be_deleted(store):
    with pytest.raises(
        StoreError, match=r"expected its files in .*received nothing at that place.*`backlit delete 2026"
    ):
        store.open("last")
    assert "20261122-110000-digits-a1ff" == store.delete("last")
    assert 2 == len(store.listing())


def test_names_sort_by_time_and_tell_the_data(population):
    id = Store().keep(population)
    assert re.fullmatch(r"\d{8}-\d{6}-iris-[0-9a-f]{4}", id)


@pytest.mark.parametrize(
    ("data", "part"), [("my data (2).csv", "my-data--2--csv"), ("客户", "客户"), ("--", "data"), ("a" * 40, "a" * 16)]
)
def test_any_data_name_makes_a_file_name(data, part):
    from backlit.store.keeping import new_id

    assert new_id(datetime(2026, 11, 22, 15, 30, 12, tzinfo=UTC), data).startswith(f"20261122-153012-{part}-")
