"""What is promised in figures, measured: `python -m benchmarks.<name>` prints a table and one line of JSON."""
