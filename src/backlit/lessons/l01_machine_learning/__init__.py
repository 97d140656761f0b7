"""Lesson 1: a rule that a person writes, and a rule that a machine finds in data."""
