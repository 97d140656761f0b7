"""Several networks that predict as one: bagging, boosting, and the mean or the vote of any run's members."""

from backlit.modes.ensemble.bagging import bag as bag
from backlit.modes.ensemble.boosting import boost as boost
from backlit.modes.ensemble.combined import Ensemble as Ensemble
from backlit.modes.ensemble.combined import Part as Part
from backlit.modes.ensemble.combined import mean as mean
from backlit.modes.ensemble.combined import vote as vote
