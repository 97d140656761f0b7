"""The population engine: an Experiment is planned, compiled into one program a group, and run."""

from backlit.engine.augmentation import augmented as augmented
from backlit.engine.experiment import Axis as Axis
from backlit.engine.experiment import EarlyStopping as EarlyStopping
from backlit.engine.experiment import Experiment as Experiment
from backlit.engine.orders import epoch_order as epoch_order
from backlit.engine.prepare import Ingredients as Ingredients
from backlit.engine.request import read_request as read_request
from backlit.engine.request import zipped as zipped
from backlit.engine.start import TrainedGroup as TrainedGroup
from backlit.engine.train import Trained as Trained
from backlit.engine.train import Trainer as Trainer
from backlit.engine.train import train as train
