"""From a chosen run to a registered version and scored tables: one page a step."""
