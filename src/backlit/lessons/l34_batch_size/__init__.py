"""Lesson 34: one row or all rows for a step: steps, time, noise, the rate that belongs to it, unseen rows."""
