"""The China part of the workspace: one module a group of tables, in the order in which they are written."""

from __future__ import annotations

import importlib
from pathlib import Path

from tables import Workspace

MODULES = [
    "china_sectors",
    "china_provinces",
    "china_indicators",
    "china_io",
    "china_map",
    "china_method_error",
]


def build(source: Path, out: Workspace) -> None:
    """Builds every table on China and its provinces."""
    for name in MODULES:
        print(f" {name}:", flush=True)
        importlib.import_module(name).build(source, out)
