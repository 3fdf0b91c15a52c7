"""What a table says before any model: balance, distributions, associations and tests, as small frozen results."""
