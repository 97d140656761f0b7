"""One training picture as the run changes it."""

import numpy as np

from backlit.measure.augmented import augmented_picture
from tests.measure.probed_stand_in import Probed
from tests.measure.stand_in import rows_of

PIXELS = np.arange(27, dtype="float32").reshape(3, 3, 3, 1)


def run_with(settings, members=None):
    data = rows_of(PIXELS, [0, 1, 0], train=[1, 2], test=[0])
    more = {} if members is None else {"members": members}
    return Probed(data=data, settings=settings, **more)


def test_a_certain_flip_mirrors_every_version():
    found = augmented_picture(run_with({"augment.flip_horizontal": 1.0}), n=3)
    assert np.array_equal(PIXELS[1], found.original)
    for version in found.versions:
        assert np.array_equal(PIXELS[1][:, ::-1], version)
    assert ({"flip_horizontal": 1.0}, 3) == (found.strengths, len(found.versions))


def test_the_best_members_own_strength_counts():
    members = [{"augment.flip_horizontal": 0.0}, {"augment.flip_horizontal": 1.0}]
    run = run_with({}, members)
    run._best = 1
    assert {"flip_horizontal": 1.0} == augmented_picture(run).strengths
    run._best = 0
    assert augmented_picture(run) is None


def test_another_picture_is_mixed_in():
    found = augmented_picture(run_with({"augment.mix_up": 0.5}), n=4)
    shares = (found.versions - PIXELS[1]) / (PIXELS[2] - PIXELS[1])  # all pixels of a version have moved by one share
    assert shares.std((1, 2, 3)).max() < 1e-5
    assert shares.max() > 0.05
    assert shares.max() <= 0.5
    assert shares.min() >= 0


def test_a_run_without_augmentation_shows_none():
    assert augmented_picture(run_with({"l2": 0.1})) is None
