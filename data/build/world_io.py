"""World input-output tables of the WIOD 2013 release: `io_wiod2013_YYYY`, 41 regions x 35 industries."""

from __future__ import annotations

from pathlib import Path

import numpy
import pandas

import rfiles
from checks import expect
from tables import Workspace

YEARS = (1995, 2000, 2005, 2011)
REGION_NAMES = {"ROM": "ROU", "RoW": "ROW"}
# The five final-demand columns of a country, with the column codes of the release: households, non-profit institutions,
# government, gross fixed capital formation, changes in inventories.
FINAL_DEMAND = ("c37", "c38", "c39", "c41", "c42")

NOTE = {
    "en": "Million USD, current prices, rounded to whole numbers in the copy used. Value added is not stored: it is output minus the"
    " column sum, so it includes net taxes on products and international transport margins. Final demand per region: c37"
    " households, c38 non-profit institutions, c39 government, c41 fixed capital, c42 changes in inventories (may be negative)."
    " Row sums differ from output by less than 0.1 % of world output (rounding); source values are kept as they are. Some industries (22 in 2011)"
    " of regions have no output. Region 41 (ROW) is the rest of the world.",
    "zh": "单位为百万美元，当年价格；所用副本已取整。未单列增加值：增加值等于总产出减去列和，因此包含产品税净额和国际运输费用。"
    "每个地区的最终需求列：c37 居民消费，c38 非营利机构消费，c39 政府消费，c41 固定资本形成，c42 存货变动（可为负）。"
    "因取整，行和与总产出之差合计低于世界总产出的 0.1%；源数据未作改动。部分地区行业产出为零（2011 年为 22 个）。第 41 个地区（ROW）为世界其他地区。",
}


def build(source: Path, out: Workspace) -> None:
    """Writes one table a year and checks the world totals of 2011."""
    origin = out.source(
        id="wiod2013",
        producer="World Input-Output Database project, University of Groningen",
        title="World Input-Output Tables, release 2013",
        vintage="1995-2011, release of November 2013",
        licence="CC BY 4.0 (tables); GPL-3 (R package wiod, from which this copy comes)",
        licence_status="expected",
        citation="Timmer, M. P., Dietzenbacher, E., Los, B., Stehrer, R. and de Vries, G. J. (2015), An Illustrated User Guide to the"
        " World Input-Output Database: the Case of Global Automotive Production, Review of International Economics 23, 575-605.",
        url="https://github.com/bquast/wiod (commit 59a28ac22f)",
        done="Years 1995, 2000, 2005 and 2011 taken as they are; Romania's code ROM written as ROU; the final-demand columns named by"
        " the column codes of the release.",
    )
    for year in YEARS:
        build_year(source / "wiod2013" / f"wiot_{year}.RData", year, origin, out)


def build_year(path: Path, year: int, origin: str, out: Workspace) -> None:
    """Writes the table of one year."""
    system = rfiles.read_one(path)
    regions = [REGION_NAMES.get(str(code), str(code)) for code in system["countries"]]
    industries = [str(code) for code in system["industries"]]
    flows = numpy.asarray(system["inter"])
    final = numpy.asarray(system["final"])
    output = numpy.asarray(system["output"])
    labels = [(region, industry) for region in regions for industry in industries]
    assert flows.shape == (1435, 1435) and final.shape == (1435, 205) and output.shape == (1435,)
    assert flows.min() >= 0 and output.min() >= 0
    assert int(system["year"][0]) == year

    row_error = flows.sum(axis=1, dtype=float) + final.sum(axis=1, dtype=float) - output
    share = numpy.abs(row_error).sum() / output.sum(dtype=float)
    print(
        f"    {year}: row sums differ from output by {share:.4%} in total, at most {numpy.abs(row_error).max():,.0f} in a row;"
    )
    print(f"    {year}: industries without output: {(output == 0).sum()}")
    assert share < 1e-3
    if year == 2011:
        check_2011(regions, flows, output)
    frame = pandas.DataFrame(
        {
            "kind": "domestic",
            "region": [region for region, _ in labels],
            "sector": [industry for _, industry in labels],
            "unit": "million USD",
            "z": list(flows),
            "y": list(final),
            "x": output.astype(float),
        }
    )
    out.write(
        f"io_wiod2013_{year}",
        "io",
        frame,
        title={
            "en": f"World input-output table {year} (WIOD 2013 release), 41 regions x 35 industries",
            "zh": f"{year} 年世界投入产出表（WIOD 2013 版），41 个国家和地区、35 个行业",
        },
        note=NOTE,
        sources=[origin],
        metadata={
            "xinzhi.table": "wiod2013",
            "xinzhi.period": str(year),
            "xinzhi.columns": labels,
            "xinzhi.final_demand": [(region, category) for region in regions for category in FINAL_DEMAND],
        },
        integers=True,
        scheme="WIOD35",
    )


def check_2011(regions: list[str], flows: numpy.ndarray, output: numpy.ndarray) -> None:
    """World and country totals of 2011 against published ones, in trillion USD."""
    added = (output - flows.sum(axis=0, dtype=float)).reshape(41, 35).sum(axis=1) / 1e6
    by_region = dict(zip(regions, added, strict=True))
    expect("2011 world output, trn USD", output.sum(dtype=float) / 1e6, 141.77, 1e-3)
    expect("2011 world value added, trn USD", added.sum(), 69.33, 1e-3)
    expect("2011 value added of China, trn USD", by_region["CHN"], 7.39, 1e-3)
    expect("2011 value added of the United States, trn USD", by_region["USA"], 15.16, 1e-3)
