"""Lesson 15: learning without labels: groups found by distance, and a code that images have to pass through."""
