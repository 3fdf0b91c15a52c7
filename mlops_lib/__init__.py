"""Fulcrum's library: from a table to a registered, explained model, honest about class imbalance.

Importing this package does nothing; import the module you need, for example `mlops_lib.data.reading`.
"""
