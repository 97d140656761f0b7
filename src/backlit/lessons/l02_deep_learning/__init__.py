"""Lesson 2: what hidden layers do to two spirals that no straight line can part."""
