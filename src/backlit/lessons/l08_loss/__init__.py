"""Lesson 8: squared error and cross-entropy for a row, a batch and an epoch, and how the wrong one stalls."""
