"""Lesson 9: nine learning rates on five seeds at once, and the range test."""
