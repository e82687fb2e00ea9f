"""The world part of the workspace: one module a group of tables, in the order in which they are written."""

from __future__ import annotations

import importlib
from pathlib import Path

from tables import Workspace

MODULES = [
    "places",
    "world_io",
    "exports",
    "trade",
    "technology",
    "indicators",
    "minerals",
    "activities",
    "links",
    "world_map",
]


def build(source: Path, out: Workspace) -> None:
    """Builds every world table."""
    for name in MODULES:
        print(f" {name}:", flush=True)
        importlib.import_module(name).build(source, out)
