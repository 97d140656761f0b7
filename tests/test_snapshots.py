"""The snapshot fixture itself: a missing snapshot fails, a different one fails."""

import pytest


def test_the_english_and_chinese_of_an_error(snapshot):
    from backlit.backend import require_backend
    from backlit.errors import SettingError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("keras.config.backend", lambda: "torch")
        patch.setenv("KERAS_BACKEND", "torch")
        with pytest.raises(SettingError, match="`torch`") as caught:
            require_backend()
    snapshot(f"{caught.value}\n{caught.value.say('zh')}\n")


def test_a_missing_snapshot_fails(snapshot, monkeypatch):
    monkeypatch.setattr("tests.conftest.WRITE_SNAPSHOTS", False, raising=False)
    with pytest.raises(AssertionError, match=r"no snapshot test_a_missing_snapshot_fails-gone\.txt: run `make snaps"):
        snapshot("anything", name="gone")
