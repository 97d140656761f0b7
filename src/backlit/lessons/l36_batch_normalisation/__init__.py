"""Lesson 36: batch normalisation by hand, a deep network with and without it, and its two modes."""
