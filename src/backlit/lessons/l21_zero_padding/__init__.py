"""Lesson 21: zero padding; the size of a map, and what a deep stack still sees of the border."""
