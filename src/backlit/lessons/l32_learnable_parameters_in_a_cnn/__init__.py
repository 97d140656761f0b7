"""Lesson 32: how many numbers a convolutional network learns, why so few, and where they hide all the same."""
