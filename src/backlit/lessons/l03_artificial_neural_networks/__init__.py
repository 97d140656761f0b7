"""Lesson 3: a 2-3-2 network, every weighted sum by hand."""
