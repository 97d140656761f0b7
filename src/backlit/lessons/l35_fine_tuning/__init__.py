"""Lesson 35: what a network knows already, put to another use with a few labels; and the frozen layer that moves."""
