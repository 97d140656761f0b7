"""Lesson 18: a class id is a name, not an amount; what one-hot columns change, and what they cost."""
