"""Changes of training images, inside the compiled program: for each member, step and image its own."""

from backlit.engine.augmentation.augmentation import Augmentation as Augmentation
from backlit.engine.augmentation.augmentation import augmentation_of as augmentation_of
from backlit.engine.augmentation.augmentation import member_ranges as member_ranges
from backlit.engine.augmentation.preview import augmented as augmented
