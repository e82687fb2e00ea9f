"""The tables of a workspace and where they come from."""

from __future__ import annotations

import json
import os
from typing import Any, Optional, Union

from . import _native
from ._native import Table

__all__ = ["Table", "sources", "table", "tables"]

_Folder = Optional[Union[str, "os.PathLike[str]"]]


def tables(data: _Folder = None) -> list[dict[str, Any]]:
    """The tables: ``id``, ``schema``, ``rows``, ``title``, ``note`` (caveats), ``sources``, ``sha256``."""
    return json.loads(_native.tables(data))


def sources(data: _Folder = None) -> list[dict[str, Any]]:
    """The sources: ``id``, ``producer``, ``title``, ``vintage``, ``licence``, ``citation``, ``url`` and what was ``done``."""
    return json.loads(_native.sources(data))


def table(id: str, data: _Folder = None) -> Table:
    """A table as an Arrow stream: ``polars.DataFrame(t)``, ``pyarrow.table(t)`` and ``pandas.DataFrame.from_arrow(t)`` take it."""
    return _native.table(id, data)
