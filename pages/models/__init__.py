"""From recipes to an explained run with its threshold: one page a step."""
