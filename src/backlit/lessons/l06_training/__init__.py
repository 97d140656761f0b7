"""Lesson 6: stochastic gradient descent on a surface that can be seen."""
