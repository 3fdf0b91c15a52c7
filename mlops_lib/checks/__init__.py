"""Coded findings about a noun, before a model finds them out."""
