"""Lesson 17: data augmentation: the usual changes of an image, their worth on few rows, and a change that is wrong."""
