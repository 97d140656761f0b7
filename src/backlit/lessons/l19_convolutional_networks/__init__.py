"""Lesson 19: convolutional networks; a filter by hand, what filters detect before and after training, and shifts."""
