"""Lesson 22: max pooling by hand, what it saves, and how much it forgives a shift; average pooling beside it."""
