"""Ways of learning that train more than one population, or put members together: each a thin layer over `fit`.

    cross_validate    every row predicted by networks that never saw it; a score with an interval
    learning_curve    score against the number of rows; what more rows would bring
    search            settings tried by grid, at random, or by successive halving
    ensemble          bagging, boosting, votes and means: several networks that predict as one
    pseudo_label      a few labelled rows teach a network that labels the others
    cluster           rows that lie near each other, on inputs or on what layers make of them
    autoencoder       a network that gives back what it reads through a narrow code
    fine_tune         a trained network taught something else, stage by stage

Folds, bags, rows, settings and seeds are members of populations, so everything that a run can do, their runs can.
"""

from backlit.modes import ensemble as ensemble
from backlit.modes.autoencoding import Autoencoder as Autoencoder
from backlit.modes.autoencoding import autoencoder as autoencoder
from backlit.modes.clustering import Clustering as Clustering
from backlit.modes.clustering import cluster as cluster
from backlit.modes.cross_validation import CrossValidation as CrossValidation
from backlit.modes.cross_validation import cross_validate as cross_validate
from backlit.modes.fine_tuning import FineTuning as FineTuning
from backlit.modes.fine_tuning import Stage as Stage
from backlit.modes.fine_tuning import fine_tune as fine_tune
from backlit.modes.learning_curves import LearningCurve as LearningCurve
from backlit.modes.learning_curves import learning_curve as learning_curve
from backlit.modes.pseudo_labelling import PseudoLabelling as PseudoLabelling
from backlit.modes.pseudo_labelling import pseudo_label as pseudo_label
from backlit.modes.searching import Search as Search
from backlit.modes.searching import search as search
from backlit.modes.space import choice as choice
from backlit.modes.space import log_uniform as log_uniform
from backlit.modes.space import uniform as uniform
