"""Lesson 27: the same gradient forwards and backwards, operations counted, cost against depth."""
