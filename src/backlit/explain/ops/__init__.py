"""The operations that networks are made of, one file each, in NumPy: forward, the way back, and the formulas."""

from backlit.explain.ops.kind import Backward as Backward
from backlit.explain.ops.kind import Gradients as Gradients
from backlit.explain.ops.kind import Operation as Operation
