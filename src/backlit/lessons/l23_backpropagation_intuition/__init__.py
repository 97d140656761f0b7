"""Lesson 23: nudge a number, watch the loss, and find who is to blame."""
