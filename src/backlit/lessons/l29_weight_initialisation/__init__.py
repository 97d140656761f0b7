"""Lesson 29: where weights start: zeros, unit normal, Xavier, He, through twenty layers and through training."""
