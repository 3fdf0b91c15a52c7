"""The pages: one thin file a step, and what they share. With `mlops_lib`, the only two packages of the app."""
