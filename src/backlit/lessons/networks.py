"""The networks that several lessons share, so that a reader meets the same one again.

Not for anything that only one lesson builds.
"""

import keras


def two_three_two() -> keras.Model:
    """The smallest network of the course: two inputs, three hidden neurons with ReLU, two outputs with softmax.

    Returns:
        A built model of seventeen parameters.
    """
    return keras.Sequential(
        [
            keras.Input(shape=(2,)),
            keras.layers.Dense(units=3, activation="relu"),
            keras.layers.Dense(units=2, activation="softmax"),
        ]
    )


def digits_network(*, units: int = 32) -> keras.Model:
    """The network for the embedded digits: sixty-four pixels, one hidden layer with ReLU, ten classes.

    Args:
        units: Neurons of the hidden layer.

    Returns:
        A built model.
    """
    return keras.Sequential(
        [
            keras.Input(shape=(8, 8, 1)),
            keras.layers.Flatten(),
            keras.layers.Dense(units, activation="relu"),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
