"""Lesson 30: what a bias is for: borders away from the origin, thresholds away from zero, and an eye for size."""
