"""Reading of R data files (`.rda`, `.RData`)."""

from __future__ import annotations

import warnings
from pathlib import Path

import rdata


def read(path: Path) -> dict:
    """The objects of an R data file by name; data frames come back as pandas frames, lists as dictionaries."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {str(name): value for name, value in rdata.read_rda(path).items()}


def read_one(path: Path):
    """The only object of an R data file."""
    objects = read(path)
    if len(objects) != 1:
        raise ValueError(f"{path.name} holds {len(objects)} objects, not one")
    return next(iter(objects.values()))
