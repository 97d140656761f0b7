"""Lesson 4: layers; what each kind does to one tensor, and a task where it beats a dense layer."""
