"""All cases by name."""

from tests.engine.cases.layers import LAYERS
from tests.engine.cases.losses import LOSSES
from tests.engine.cases.optimisers import OPTIMISERS
from tests.engine.cases.settings import SETTINGS

CASES = {case.name: case for case in (*LAYERS, *OPTIMISERS, *LOSSES, *SETTINGS)}
