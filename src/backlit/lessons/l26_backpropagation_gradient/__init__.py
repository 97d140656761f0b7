"""Lesson 26: the gradient by every weight, for one sample and for a batch, on four roads."""
