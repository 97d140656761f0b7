"""Lesson 7: one step, checked to the last digit, and what an epoch is."""
