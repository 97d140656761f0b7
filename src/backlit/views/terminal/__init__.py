"""Views for the terminal: rich renderables, in the chosen language, that fit 80 columns and need no colour.

Each module is one view and is imported by itself, so that a list of runs does not wait for what draws curves.
"""
