"""Lesson 16: a few labels, many images without: a network teaches the next one, right and wrong."""
