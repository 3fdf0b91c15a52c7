"""Results as Plotly figures; the only package that imports plotly."""
