"""The WIOD 2013 release, 41 regions x 35 industries: tables of some years, and output, value added and exports of every year."""

from __future__ import annotations

from pathlib import Path

import numpy
import pandas

import rfiles
from checks import expect
from tables import Workspace

YEARS = (1995, 2000, 2005, 2011)
ALL_YEARS = range(1995, 2012)
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
SERIES_NOTE = {
    "en": "Million USD, current prices, from the tables of every year 1995-2011. `output`: gross output. `value_added`: output minus the"
    " column sum of the table, so it includes net taxes on products and international transport margins. `exports`: sales of the industry"
    " to the industries and the final demand of other regions (goods and services, basic prices). Values of zero are not stored: what is"
    " absent is zero. {negative} exports in the 17 years together are below zero because of inventories (sum {sum:,.0f} million USD; {cases});"
    " they are not stored either. {beyond} exports exceed the industry's output. ROW is the rest of the world. Years between benchmarks"
    " were interpolated by the producer with national accounts; exchange rates move the levels.",
    "zh": "单位为百万美元，当年价格，取自 1995—2011 年各年投入产出表。output：总产出；value_added：总产出减去表中列和，因此包含产品税净额和国际运输费用；"
    "exports：该行业对其他地区各行业和最终需求的销售（货物和服务，基本价格）。零值不存储，缺行即为零。17 年中有 {negative} 个出口值因存货变动为负"
    "（合计 {sum:,.0f} 百万美元；{cases}），亦不存储。有 {beyond} 个出口值超过该行业总产出。ROW 为世界其他地区。基准年之间的年份由编制者按国民账户推算；汇率变动影响水平。",
}


def build(source: Path, out: Workspace) -> None:
    """Writes one table a year for some years, one series table for all, and checks the totals of 2011."""
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
        done="Tables of 1995, 2000, 2005 and 2011 taken as they are; output, value added and exports by industry added up from the tables of"
        " all 17 years; Romania's code ROM written as ROU; the final-demand columns named by the column codes of the release.",
    )
    series = []
    for year in ALL_YEARS:
        system = rfiles.read_one(source / "wiod2013" / f"wiot_{year}.RData")
        if year in YEARS:
            build_year(system, year, origin, out)
        series.append(accounts(system, year))
    build_series(pandas.concat(series, ignore_index=True), origin, out)


def build_year(system: dict, year: int, origin: str, out: Workspace) -> None:
    """Writes the table of one year."""
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


def accounts(system: dict, year: int) -> pandas.DataFrame:
    """Output, value added and exports of every region's industries in one year."""
    regions = [REGION_NAMES.get(str(code), str(code)) for code in system["countries"]]
    industries = [str(code) for code in system["industries"]]
    flows = numpy.asarray(system["inter"]).astype(float)
    final = numpy.asarray(system["final"]).astype(float)
    output = numpy.asarray(system["output"]).astype(float)
    assert int(system["year"][0]) == year
    at_home = numpy.arange(len(regions))
    seller = numpy.repeat(at_home, len(industries))
    buyer = numpy.repeat(at_home, len(FINAL_DEMAND))
    abroad = (flows * (seller[:, None] != seller[None, :])).sum(axis=1) + (
        final * (seller[:, None] != buyer[None, :])
    ).sum(axis=1)
    return pandas.DataFrame(
        {
            "place": numpy.repeat(regions, len(industries)),
            "code": industries * len(regions),
            "period": year,
            "output": output,
            "value_added": output - flows.sum(axis=0),
            "exports": abroad,
        }
    )


def build_series(frame: pandas.DataFrame, origin: str, out: Workspace) -> None:
    """Writes `output_wiod2013`; figures below zero cannot be stored in an activity table, so they are counted in its note."""
    assert (frame["output"] >= 0).all() and (frame["value_added"] >= 0).all()
    below = frame[frame["exports"] < 0]
    beyond = int((frame["exports"] > frame["output"]).sum())
    worst = below.groupby(["place", "code"])["exports"].sum().sort_values().head(3)
    cases = ", ".join(f"{place} {code} {value:,.0f}" for (place, code), value in worst.items())
    print(f"    exports below zero: {len(below)}, sum {below['exports'].sum():,.0f}; above output: {beyond}")
    total = frame[frame["period"] == 2011].groupby("place")[["output", "value_added", "exports"]].sum() / 1e6
    expect("2011 output of China, trn USD", total.loc["CHN", "output"], 22.27, 1e-3)
    expect("2011 value added of China, trn USD", total.loc["CHN", "value_added"], 7.39, 1e-3)
    expect("2011 exports of China, trn USD", total.loc["CHN", "exports"], 2.08, 3e-3)
    rows = frame.melt(["place", "code", "period"], ["output", "value_added", "exports"], "measure", "value")
    rows = rows[rows["value"] > 0]
    rows["scheme"], rows["unit"] = "WIOD35", "million USD"
    fill = dict(negative=len(below), sum=below["exports"].sum(), cases=cases, beyond=beyond)
    out.write(
        "output_wiod2013",
        "activity",
        rows,
        title={
            "en": "Output, value added and exports by region and industry, 1995-2011 (WIOD 2013 release)",
            "zh": "1995—2011 年按地区和行业的总产出、增加值和出口（WIOD 2013 版）",
        },
        note={language: text.format(**fill) for language, text in SERIES_NOTE.items()},
        sources=[origin],
    )


def check_2011(regions: list[str], flows: numpy.ndarray, output: numpy.ndarray) -> None:
    """World and country totals of 2011 against published ones, in trillion USD."""
    added = (output - flows.sum(axis=0, dtype=float)).reshape(41, 35).sum(axis=1) / 1e6
    by_region = dict(zip(regions, added, strict=True))
    expect("2011 world output, trn USD", output.sum(dtype=float) / 1e6, 141.77, 1e-3)
    expect("2011 world value added, trn USD", added.sum(), 69.33, 1e-3)
    expect("2011 value added of China, trn USD", by_region["CHN"], 7.39, 1e-3)
    expect("2011 value added of the United States, trn USD", by_region["USA"], 15.16, 1e-3)
