"""Predictions to metrics, curves, intervals and comparisons."""
