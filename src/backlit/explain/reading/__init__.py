"""Reads Keras models: each layer becomes the operations that it is made of. One file a family of layers."""

from backlit.explain.reading.losses import with_loss as with_loss
from backlit.explain.reading.model import read_model as read_model
from backlit.explain.reading.model import supported_layers as supported_layers
