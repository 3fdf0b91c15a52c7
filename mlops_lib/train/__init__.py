"""Recipes become runs: encoding, models, calibration, scores, and the engine that carries the fits."""
