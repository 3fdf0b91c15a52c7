"""Long work: a queue in the database, a worker that takes jobs from it, and the processes that do them."""
