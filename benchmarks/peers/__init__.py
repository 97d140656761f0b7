"""The contenders: `prepare(case, variant, folder)` of each module returns `train(case, seed)`, which trains one round.

`train` takes the case again, because rounds may have fewer epochs. `Absent` says why a contender cannot run here.
"""


class Absent(Exception):
    """A contender cannot run on this machine; the message says what is missing."""
