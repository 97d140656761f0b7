"""Lesson 11: what a network says of new rows, how far it can be trusted, and where it cannot."""
