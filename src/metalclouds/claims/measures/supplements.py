"""What the tests of the explanation observed, from derive/supplements.csv (X claims)."""

from __future__ import annotations

from metalclouds.claims.model import Data, Measurement, Unavailable


def supplement(data: Data, name: str) -> Measurement:
    """A row of derive/supplements.csv.

    Parameters
    ----------
    name
        of the row.

    Raises
    ------
    Unavailable
        If the test could not be made, with its reason; or if the row is not there.
    """
    table = data.table("supplements", "name")
    rows = table[table["name"] == name]
    if rows.empty:
        raise Unavailable(f"derive/supplements.csv has no row {name}")
    row = rows.iloc[0]
    numbers = [float(row[column]) for column in ("value", "low", "high")]
    if not numbers[0] == numbers[0]:
        raise Unavailable(
            str(row["why"]) if isinstance(row["why"], str) else f"derive/supplements.csv holds no {name}"
        )
    if any(number != number for number in numbers[1:]):
        raise Unavailable(f"derive/supplements.csv holds no interval of {name}")
    return Measurement(numbers[0], numbers[1], numbers[2], n=int(row["n"]) if row["n"] == row["n"] else None)
