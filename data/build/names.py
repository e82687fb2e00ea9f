"""The lists of names that the world part keeps in `data/build/names/*.csv`."""

from __future__ import annotations

import pandas

from tables import BUILD_FOLDER


def read(name: str) -> pandas.DataFrame:
    """One list, every column as text, empty cells as empty text."""
    return pandas.read_csv(BUILD_FOLDER / "names" / f"{name}.csv", dtype=str, keep_default_na=False)
