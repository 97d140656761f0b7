"""Lesson 25: the loss as a composition, and every factor of the chain rule as a number."""
