"""How networks compute and learn, in plain arithmetic: every number of a pass, checked two ways.

bl.explain.forward(model, x)        every number of the forward pass
bl.explain.backprop(model, x, y)    and of the way back, against jax.grad and central differences
bl.explain.path(model, x, y, …)     the chain rule along single paths from one weight to the loss
bl.explain.step(model, x, y, …)     one update of one weight, with what the optimiser keeps
bl.explain.loss_surface(run, …)     the loss over a plane through the weights, with the path of training
bl.reference.fit(model, data, …)    training with these rules alone
bl.explain.parameters(model)        how many parameters each layer has, and why
bl.explain.shapes(model)            what each layer does to the shape, and why
bl.explain.convolution(image, kernel), pooling(image)    a window, position by position
bl.explain.linearity("relu")        numbers that prove a function not linear
bl.explain.cost(model, x, y)        backpropagation against one forward difference for each weight
bl.explain.filters(model, "conv2d")    kernels, feature maps, and what excites each filter of a layer most
bl.explain.saliency(model, x)       which numbers of an input a class's score hangs on
"""

from backlit.explain import reference as reference
from backlit.explain.agreement import Agreement as Agreement
from backlit.explain.cost import Cost as Cost
from backlit.explain.cost import Seconds as Seconds
from backlit.explain.cost import cost as cost
from backlit.explain.counting import LayerCount as LayerCount
from backlit.explain.counting import Parameters as Parameters
from backlit.explain.counting import parameters as parameters
from backlit.explain.excitation import Excited as Excited
from backlit.explain.explanation import Explanation as Explanation
from backlit.explain.explanation import backprop as backprop
from backlit.explain.explanation import forward as forward
from backlit.explain.filters import Filters as Filters
from backlit.explain.filters import filters as filters
from backlit.explain.linearity import Equation as Equation
from backlit.explain.linearity import Linearity as Linearity
from backlit.explain.linearity import linearity as linearity
from backlit.explain.multiply_adds import LayerCost as LayerCost
from backlit.explain.output_size import output_size as output_size
from backlit.explain.output_size import padding_of as padding_of
from backlit.explain.paths import Factor as Factor
from backlit.explain.paths import Path as Path
from backlit.explain.paths import Paths as Paths
from backlit.explain.paths import path as path
from backlit.explain.positions import Position as Position
from backlit.explain.positions import Sliding as Sliding
from backlit.explain.reading import supported_layers as supported_layers
from backlit.explain.saliency import Saliency as Saliency
from backlit.explain.saliency import saliency as saliency
from backlit.explain.shapes import LayerShape as LayerShape
from backlit.explain.shapes import Shapes as Shapes
from backlit.explain.shapes import shapes as shapes
from backlit.explain.sliding import convolution as convolution
from backlit.explain.sliding import pooling as pooling
from backlit.explain.steps import Step as Step
from backlit.explain.strongest import Top as Top
from backlit.explain.surface import Surface as Surface
from backlit.explain.surface import loss_surface as loss_surface
from backlit.explain.updates import Update as Update
from backlit.explain.updates import step as step
