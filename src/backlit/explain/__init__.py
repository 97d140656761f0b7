"""How networks compute and learn, in plain arithmetic: every number of a pass, checked two ways.

bl.explain.forward(model, x)        every number of the forward pass
bl.explain.backprop(model, x, y)    and of the way back, against jax.grad and central differences
"""

from backlit.explain.agreement import Agreement as Agreement
from backlit.explain.explanation import Explanation as Explanation
from backlit.explain.explanation import backprop as backprop
from backlit.explain.explanation import forward as forward
from backlit.explain.reading import supported_layers as supported_layers
from backlit.explain.steps import Step as Step
