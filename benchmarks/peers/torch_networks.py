"""The networks in torch's own layers, with the first weights that Keras draws (Glorot uniform, zero biases)."""

import itertools
from typing import Any

import torch
from torch import nn

from benchmarks.networks import KERNEL, N_BLOCKS, N_CLASSES, Network


def torch_model(network: Network) -> nn.Module:
    """The network with logits at its end; inputs as in `torch_inputs`."""
    model = BODIES[network.kind](network)
    for layer in model.modules():
        _draw(layer)
    return model


def torch_inputs(inputs: Any, network: Network) -> torch.Tensor:
    """Examples as torch wants them: channels first."""
    tensor = torch.from_numpy(inputs)
    return tensor.permute(0, 3, 1, 2).contiguous() if network.kind == "cnn" else tensor


def _draw(layer: nn.Module) -> None:
    if isinstance(layer, nn.Linear | nn.Conv2d):
        nn.init.xavier_uniform_(layer.weight)
        assert layer.bias is not None
        nn.init.zeros_(layer.bias)
    elif isinstance(layer, nn.LSTM):
        units = layer.hidden_size
        nn.init.xavier_uniform_(layer.weight_ih_l0)
        nn.init.orthogonal_(layer.weight_hh_l0)
        nn.init.zeros_(layer.bias_hh_l0)
        nn.init.zeros_(layer.bias_ih_l0)
        nn.init.ones_(layer.bias_ih_l0[units : 2 * units])  # the forget gate's
    elif isinstance(layer, nn.MultiheadAttention):
        assert layer.in_proj_weight is not None
        for part in layer.in_proj_weight.chunk(3):
            nn.init.xavier_uniform_(part)


def _dense(network: Network) -> nn.Module:
    widths = (*network.input_shape, *network.sizes)
    hidden = [(nn.Linear(width, units), nn.ReLU()) for width, units in itertools.pairwise(widths)]
    return nn.Sequential(*itertools.chain(*hidden), nn.Linear(widths[-1], N_CLASSES))


def _cnn(network: Network) -> nn.Module:
    side, _, channels = network.input_shape
    first, second, units = network.sizes
    return nn.Sequential(
        nn.Conv2d(channels, first, KERNEL, padding="same"),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(first, second, KERNEL, padding="same"),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(second * (side // 4) ** 2, units),
        nn.ReLU(),
        nn.Linear(units, N_CLASSES),
    )


class _LastState(nn.Module):
    """An LSTM that gives its last state."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.lstm = nn.LSTM(network.input_shape[1], network.sizes[0], batch_first=True)
        self.head = nn.Linear(network.sizes[0], N_CLASSES)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.lstm(x)[1][0][0])


class _Encoder(nn.Module):
    """torch's own encoder layers, and the mean over tokens."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        width, heads, _, ffn = network.sizes
        self.tokens = nn.Linear(network.input_shape[1], width)
        self.blocks = nn.Sequential(
            *(nn.TransformerEncoderLayer(width, heads, ffn, dropout=0.0, batch_first=True) for _ in range(N_BLOCKS))
        )
        self.head = nn.Linear(width, N_CLASSES)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.blocks(self.tokens(x)).mean(1))


BODIES = {"dense": _dense, "cnn": _cnn, "lstm": _LastState, "transformer": _Encoder}
