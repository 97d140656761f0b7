"""Lesson 14: labels steer learning; how many of them may be wrong."""
