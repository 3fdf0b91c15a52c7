"""ydata-profiling's minimal report of a Parquet file, description and HTML, after a warm-up on its first rows."""

import contextlib
import io
import json
import sys
import time
import warnings

import pandas as pd
from ydata_profiling import ProfileReport

# The peer warns of its own dependencies; only its time is of interest here.
warnings.filterwarnings("ignore")


def report(frame: pd.DataFrame) -> int:
    """Characters of the report."""
    return len(ProfileReport(frame, minimal=True, progress_bar=False).to_html())


table = pd.read_parquet(sys.argv[1])
with contextlib.redirect_stdout(io.StringIO()):
    report(table.head(1_000))
    began = time.perf_counter()
    written = report(table)
    took = time.perf_counter() - began
print(json.dumps({"report": took, "characters": written}))
