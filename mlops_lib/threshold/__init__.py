"""Predictions and a policy to a decision: a threshold, and how far it may be trusted."""
