"""Lesson 24: the notation of backpropagation, each symbol pointed at in a live network."""
