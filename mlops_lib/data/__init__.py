"""From a file to a dataset, a schema, a target and a split."""
