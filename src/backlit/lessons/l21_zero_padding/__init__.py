"""Lesson 21: zero padding."""
