"""Writes the published complexity figures of 2017 that the tests of `crates/complexity` compare with.

    python data/build/golden_complexity.py SOURCE_FOLDER

The figures are checked here too: the method of reflections, with the package's conventions, must give them back.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy
import pandas

import rfiles
from tables import BUILD_FOLDER

FOLDER = BUILD_FOLDER.parent.parent / "crates" / "complexity" / "tests" / "data"
HEADER = (
    "# {what}, 2017, as published in the R package economiccomplexity (Vargas et al., Apache-2.0; UN Comtrade data).\n"
    "# File complexity_measures_2017.rda, github.com/pachadotdev/economiccomplexity. Convention: see README.md in this folder.\n"
)


def reflections(presence: numpy.ndarray, iterations: int) -> tuple[list[numpy.ndarray], list[numpy.ndarray]]:
    """The averages k_0 ... k_iterations of places and of products."""
    diversity, ubiquity = presence.sum(axis=1), presence.sum(axis=0)
    places, products = [diversity], [ubiquity]
    for _ in range(iterations):
        previous = places[-1]
        places.append(presence @ products[-1] / diversity)
        products.append(presence.T @ previous / ubiquity)
    return places, products


def main() -> None:
    """Reads, checks and writes."""
    folder = Path(sys.argv[1]) / "economiccomplexity"
    measures = rfiles.read_one(folder / "complexity_measures_2017.rda")
    trade = rfiles.read_one(folder / "world_trade_2017.rda")
    table = trade.pivot(index="reporter_iso", columns="product_code", values="export_value_usd").fillna(0)
    values = table.to_numpy()
    shares = values / values.sum(axis=1, keepdims=True)
    presence = (shares / (values.sum(axis=0) / values.sum()) >= 1).astype(float)
    places, products = reflections(presence, 19)
    for key, column, index, found, what in (
        (
            "economic_complexity_index",
            "country",
            table.index,
            places[18],
            "Economic complexity index of places (ISO 3166)",
        ),
        (
            "product_complexity_index",
            "product",
            table.columns,
            products[19],
            "Product complexity index of HS 2007 headings",
        ),
    ):
        published = measures[key].set_index(column)["value"]
        own = pandas.Series((found - found.mean()) / found.std(ddof=1), index=index.astype(str))
        gap = (own.reindex(published.index) - published).abs().max()
        print(f"{key}: {len(published)} figures, largest gap {gap:.2e}")
        assert len(published) == len(own) and gap < 1e-6
        code, figure = ("country", "eci") if column == "country" else ("product", "pci")
        lines = sorted((str(name).upper(), value) for name, value in published.items())
        text = HEADER.format(what=what) + f"{code},{figure}\n"
        text += "".join(f"{name},{value!r}\n" for name, value in ((name, float(value)) for name, value in lines))
        (FOLDER / f"economiccomplexity_2017_{figure}.csv").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
