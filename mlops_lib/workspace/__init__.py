"""The one folder in which everything is kept: nouns and results by fingerprint, and the app's own database."""
