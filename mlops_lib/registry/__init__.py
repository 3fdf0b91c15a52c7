"""Runs recorded in MLflow, and a run with its decision kept as a registered model version."""
