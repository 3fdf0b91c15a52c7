"""Sampler names become samplers, and what they do to the class counts is told. Imbalanced-learn is used only here."""
