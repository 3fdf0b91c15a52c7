"""The nouns: frozen dataclasses that hold facts, not bulk, and the errors and fingerprints they share."""
