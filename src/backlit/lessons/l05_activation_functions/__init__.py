"""Lesson 5: sigmoid, tanh, ReLU, GELU, SiLU: values, slopes, why none is linear, and what a network is without them."""
