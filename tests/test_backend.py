import os

import pytest

from backlit.backend import DEVICE_FLAG, MAX_DEVICES, n_cores, require_backend
from backlit.errors import SettingError

SHOW = "import os; print(os.environ.get('KERAS_BACKEND'), os.environ.get('XLA_FLAGS'))"
REQUIRE = """
from backlit.backend import require_backend
from backlit.errors import SettingError
try:
    require_backend()
except SettingError as error:
    print(error)
"""
FAKE_KERAS = """
import sys, types
sys.modules['keras'] = types.SimpleNamespace(config=types.SimpleNamespace(backend=lambda: '{name}'))
"""


def test_importing_chooses_jax_and_a_device_for_each_core(in_fresh_python):
    assert in_fresh_python("import backlit;" + SHOW) == f"jax {DEVICE_FLAG}={n_cores()}"


def test_keras_and_jax_follow(in_fresh_python):
    shown = in_fresh_python("import backlit, keras, jax; print(keras.backend.backend(), jax.local_device_count())")
    assert shown == f"jax {n_cores()}"


def test_other_flags_of_the_user_stay(in_fresh_python):
    shown = in_fresh_python("import backlit;" + SHOW, XLA_FLAGS="--xla_cpu_enable_fast_math=false")
    assert shown == f"jax --xla_cpu_enable_fast_math=false {DEVICE_FLAG}={n_cores()}"


def test_the_users_device_count_stays(in_fresh_python):
    assert in_fresh_python("import backlit;" + SHOW, XLA_FLAGS=f"{DEVICE_FLAG}=3") == f"jax {DEVICE_FLAG}=3"
    assert in_fresh_python("import backlit;" + SHOW, JAX_NUM_CPU_DEVICES="3") == "jax None"


@pytest.mark.parametrize("platforms", ["cuda", "cuda,cpu", "tpu", " gpu "])
def test_an_accelerator_keeps_its_settings(in_fresh_python, platforms):
    assert in_fresh_python("import backlit;" + SHOW, JAX_PLATFORMS=platforms) == "jax None"


@pytest.mark.parametrize("platforms", ["cpu", "", "CPU"])
def test_the_cpu_by_name_is_split(in_fresh_python, platforms):
    assert in_fresh_python("import backlit;" + SHOW, JAX_PLATFORMS=platforms) == f"jax {DEVICE_FLAG}={n_cores()}"


def test_a_jax_that_runs_already_keeps_its_one_device(in_fresh_python):
    code = "import jax; jax.devices(); import backlit, os; print(jax.local_device_count(), os.environ.get('XLA_FLAGS'))"
    assert in_fresh_python(code) == "1 None"


def test_the_core_count_is_that_of_the_process(in_fresh_python):
    code = "import os; os.sched_getaffinity = lambda process: {0}; import backlit;" + SHOW
    assert in_fresh_python(code) == f"jax {DEVICE_FLAG}=1"


def test_the_core_count_has_a_limit(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(64)), raising=False)
    assert MAX_DEVICES == n_cores()


def test_the_core_count_without_cpu_sets(monkeypatch):
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 4)
    assert n_cores() == 4
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert n_cores() == 1


def test_here_the_backend_is_right():
    require_backend()


def test_another_backend_in_the_variable_is_refused_at_first_use_and_not_at_import(in_fresh_python):
    assert in_fresh_python("import backlit;" + SHOW, KERAS_BACKEND="tensorflow").startswith("tensorflow ")
    assert in_fresh_python("import backlit" + REQUIRE, KERAS_BACKEND="tensorflow") == (
        "Preparing to train: expected Keras on its JAX backend, received the backend `tensorflow`. "
        'Set KERAS_BACKEND to "jax", or leave it unset, and start Python again.'
    )


def test_a_keras_that_runs_on_another_backend_is_refused_at_first_use_and_not_at_import(in_fresh_python):
    assert in_fresh_python(FAKE_KERAS.format(name="torch") + "import backlit" + REQUIRE) == (
        "Preparing to train: expected Keras on its JAX backend, received the backend `torch`. "
        "Start Python again and write `import backlit` before `import keras`."
    )


def test_keras_imported_first_on_jax_is_fine(in_fresh_python):
    assert in_fresh_python("import keras, backlit" + REQUIRE, KERAS_BACKEND="jax") == ""


def test_the_refusal_is_a_setting_error(monkeypatch):
    monkeypatch.setattr("keras.config.backend", lambda: "openvino")
    with pytest.raises(SettingError, match="received the backend `openvino`") as caught:
        require_backend()
    assert caught.value.say("zh").startswith("准备训练：应为使用 JAX 后端的 Keras，实际为后端 `openvino`。")
