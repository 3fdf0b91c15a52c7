"""dython's associations of all pairs of a Parquet file's columns, `rounds` times; text columns are its nominal ones.

python dython_associations.py table.parquet rounds
"""

import json
import sys
import time
import warnings

import pandas as pd
from dython.nominal import associations

# The peer warns of its own dependencies; only its time is of interest here.
warnings.filterwarnings("ignore")

frame = pd.read_parquet(sys.argv[1])
nominal = [name for name in frame if not pd.api.types.is_numeric_dtype(frame[name])]
associations(frame.head(1_000), nominal_columns=nominal, compute_only=True)
seconds = []
for _ in range(int(sys.argv[2])):
    began = time.perf_counter()
    found = associations(frame, nominal_columns=nominal, compute_only=True)["corr"]
    seconds.append(time.perf_counter() - began)
matrix = found.astype(float)
print(json.dumps({"seconds": seconds, "names": list(matrix.columns), "matrix": matrix.to_numpy().tolist()}))
