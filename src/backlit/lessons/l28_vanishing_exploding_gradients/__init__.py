"""Lesson 28: gradients that vanish or explode on their way through many layers, and what cures them."""
