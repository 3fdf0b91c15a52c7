"""From a file to a locked split: one page a step."""
