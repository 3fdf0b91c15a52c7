"""What goes into the conversion of a text column and what comes out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import pyarrow as pa

from mlops_lib.data.dates import Order
from mlops_lib.data.number_finding import Signs
from mlops_lib.objects.dataset import Misfit

Kind = Literal["number", "date"]


@dataclass(frozen=True)
class Rules:
    """What counts as missing beside empty cells, the signs in numbers, and what the user said about columns.

    `decimal` and `thousands` None: found for each column; `usual_decimal` is what the columns of the file show. The
    others are those of `ReadingOptions`.
    """

    missing: tuple[str, ...] = ()
    decimal: str | None = None
    text_columns: tuple[str, ...] = ()
    thousands: str | None = None
    usual_decimal: str | None = None
    expected_decimal: str | None = None
    number_columns: tuple[str, ...] = ()
    date_columns: tuple[str, ...] = ()
    day_first: tuple[str, ...] = ()
    month_first: tuple[str, ...] = ()

    @property
    def signs(self) -> Signs:
        """What is known of the signs in numbers."""
        return Signs(self.decimal, self.thousands, self.usual_decimal, self.expected_decimal)

    def order(self, name: str) -> Order | None:
        """Whether day or month comes first in a column, where the user has said so."""
        return "day" if name in self.day_first else "month" if name in self.month_first else None

    def kind_of(self, name: str) -> Kind | Literal["text"] | None:
        """What the user has said that this column holds."""
        if name in self.text_columns:
            return "text"
        return "number" if name in self.number_columns else "date" if name in self.date_columns else None


@dataclass(frozen=True, eq=False)
class Converted:
    """One column after conversion, and what is worth saying about it, as sentences.

    `suggested` are cell texts that keep a column from being a `suggested_kind` and probably mean "missing". `misfits`
    are cells that are no such number or date as nearly all others. `ambiguous` names the kind that the column is of
    where only the user can say how to read it. `decimal` is the decimal sign in its numbers, also where a few other
    cells keep it text; "" where they have none. `order` says how dates such as 3/4/2021 were read.
    """

    values: pa.ChunkedArray | pa.Array
    repairs: tuple[str, ...] = ()
    guessed: tuple[str, ...] = ()
    suggested: tuple[str, ...] = ()
    suggested_kind: Kind = "number"
    misfits: tuple[Misfit, ...] = ()
    ambiguous: Kind | None = None
    decimal: str = ""
    order: Order | None = None

    def spread(self, rows: pa.Array, repairs: tuple[str, ...] = ()) -> Converted:
        """Values of distinct cells at the rows where they stand; `repairs` made before come first."""
        values = pa.chunked_array([self.values.take(rows)])
        return replace(self, values=values, repairs=(*repairs, *self.repairs))
