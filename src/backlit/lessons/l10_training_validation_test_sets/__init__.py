"""Lesson 10: why a score chosen on the test set is too good, and two ways in which test rows leak into training."""
