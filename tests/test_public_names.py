import pytest

import backlit

NAMES = [
    "BacklitError",
    "CompileError",
    "DataError",
    "Dataset",
    "EarlyStopping",
    "Experiment",
    "LessonError",
    "MissingPackageError",
    "ModelError",
    "Run",
    "RunError",
    "SettingError",
    "Stage",
    "StoreError",
    "Stream",
    "augmented",
    "autoencoder",
    "bags",
    "choice",
    "cluster",
    "cross_validate",
    "ensemble",
    "explain",
    "fine_tune",
    "fit",
    "folds",
    "given_rows",
    "learning_curve",
    "load",
    "log_uniform",
    "open_run",
    "pseudo_label",
    "reference",
    "resume",
    "runs",
    "search",
    "set_language",
    "stream",
    "subsets",
    "uniform",
    "views",
    "zipped",
]


def test_the_public_names_are_these():
    assert sorted(backlit.__all__) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_each_public_name_is_there_and_documented(name):
    value = getattr(backlit, name)
    assert value.__name__.rpartition(".")[2] == name  # some are modules
    assert value.__doc__


def test_dir_lists_the_names_before_they_are_used(in_fresh_python):
    listed = in_fresh_python("import backlit; print(*dir(backlit))").split()
    assert set(NAMES) <= set(listed)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'backlit' has no attribute 'train'"):
        _ = backlit.train
    assert not hasattr(backlit, "_repr_html_")


@pytest.mark.parametrize("heavy", ["jax", "keras", "numpy", "polars", "pydantic", "sklearn", "babel", "plotly"])
def test_importing_backlit_imports_nothing_heavy(in_fresh_python, heavy):
    code = f"import sys, backlit; backlit.SettingError; backlit.set_language('zh'); print({heavy!r} in sys.modules)"
    assert in_fresh_python(code) == "False"
