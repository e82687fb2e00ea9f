"""What a verb found, in the kind of frame the user works with."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any


class Answer(Mapping[str, Any]):
    """Tables by name, the main one first, with the record of the run.

    A mapping: ``answer["edges"]``, ``for name in answer``, ``answer.items()``.
    """

    def __init__(
        self, tables: dict[str, Any], record: dict[str, Any], notes: list[str], documents: dict[str, str]
    ) -> None:
        self.tables = tables
        """The tables by name, of the kind that was put in."""
        self.record = record
        """How it was computed: hash of the input, options, diagnostics."""
        self.notes = notes
        """What a reader should be told; also given as warnings."""
        self.documents = documents
        """Texts to save as files by name: of :func:`space` ``"graphml"`` and the picture, ``"svg"``."""

    @property
    def table(self) -> Any:
        """The main table."""
        return next(iter(self.tables.values()))

    def __getitem__(self, name: str) -> Any:
        try:
            return self.tables[name]
        except KeyError:
            raise KeyError(f"{name!r}; the tables are {', '.join(self.tables)}") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self.tables)

    def __len__(self) -> int:
        return len(self.tables)

    def __repr__(self) -> str:
        sizes = [f"{name}: {len(table)} rows" for name, table in self.tables.items()]
        return f"<xinzhi.Answer: {', '.join(sizes)}; {len(self.notes)} notes>"


def _json(value: Any) -> str:
    # numbers of numpy are no numbers to json
    return json.dumps(value, default=lambda other: other.item() if hasattr(other, "item") else str(other))


def _texts(value: str | int | Iterable[str | int] | None) -> list[str]:
    if value is None:
        return []
    if isinstance(value, (str, int)):
        return [str(value)]
    return [str(one) for one in value]


def _library(value: Any) -> str:
    return type(value).__module__.partition(".")[0]


def _like(table: Any) -> Any:
    """What makes a table of the kind that was put in."""
    library = _library(table)
    if library == "pandas":
        import pyarrow

        return lambda found: pyarrow.table(found).to_pandas()
    if library == "polars":
        import polars

        return polars.DataFrame
    try:
        import pyarrow
    except ImportError:
        return lambda found: found
    return pyarrow.table


def _frames() -> Any:
    """What makes a frame of a table: pandas where it is installed."""
    try:
        import pandas
    except ImportError:
        return _like(None)
    return _like(pandas.DataFrame())
