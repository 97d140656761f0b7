"""Lesson 20: visualising filters; kernels, feature maps, what excites a filter most, top pictures, and pieces."""
