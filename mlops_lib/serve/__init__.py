"""A registered version at work: a table in, the same table scored out."""
