"""Lesson 31: how many numbers a dense network learns, by formula; and which of them it does not learn after all."""
