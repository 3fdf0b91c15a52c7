"""Arrays in, frozen test results out: association, its size and its interval, and the rule that selects columns."""
