"""What the probes measured, as a tidy frame."""

import numpy as np
import polars as pl

from backlit.engine.result import GroupResult

SCHEMA = {
    "step": pl.Int64,
    "epoch": pl.Float64,
    "probe": pl.String,
    "layer": pl.String,
    "weight": pl.String,
    "bin": pl.Int64,
    "value": pl.Float64,
}


def probe_frame(result: GroupResult, *, place: int, epoch_steps: int) -> pl.DataFrame:
    """Everything that was measured in one member.

    Args:
        result: Of the member's group.
        place: Its place in the group.
        epoch_steps: Steps of one epoch.

    Returns:
        One row a number: steps done, the same in epochs, the probe, the layer (null for the whole network), the weight
        in it (null for the layer's output), the bin of a histogram (null for other numbers), the value. Rows end where
        the member stopped; a value that is not a number stays one.
    """
    frames = [pl.DataFrame(schema=SCHEMA)]
    stopped = _looks_until(result, place, epoch_steps)
    steps = result.measured_steps[:stopped]
    for probe, measured in result.measured.items():
        for label, values in measured.items():
            layer, _, weight = label.partition("/")
            own = np.asarray(values)[:stopped, place].astype(np.float64)
            n_bins = own.shape[1] if own.ndim > 1 else 1
            frames.append(
                pl.DataFrame(
                    {
                        "step": np.repeat(steps, n_bins),
                        "epoch": np.repeat(steps / epoch_steps, n_bins),
                        "bin": np.tile(np.arange(n_bins), len(steps)),
                        "value": own.reshape(-1),
                    }
                ).select(
                    pl.col("step").cast(pl.Int64),
                    "epoch",
                    pl.lit(probe).alias("probe"),
                    pl.lit(layer or None, pl.String).alias("layer"),
                    pl.lit(weight or None, pl.String).alias("weight"),
                    pl.col("bin").cast(pl.Int64) if own.ndim > 1 else pl.lit(None, pl.Int64).alias("bin"),
                    "value",
                )
            )
    return pl.concat(frames)


def _looks_until(result: GroupResult, place: int, epoch_steps: int) -> int:
    """How many looks were taken while the member trained."""
    last = result.measured_steps[-1] if len(result.measured_steps) else 0
    if result.diverged_step[place] >= 0:
        last = result.diverged_step[place]
    elif result.stop_epoch[place] >= 0:
        last = (result.stop_epoch[place] + 1) * epoch_steps
    return int(np.searchsorted(result.measured_steps, last, side="right"))
