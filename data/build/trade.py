"""Bilateral trade by industry, 2021-2023 (`trade_btige`)."""

from __future__ import annotations

from pathlib import Path

import numpy
import pandas

from checks import expect
from tables import Workspace

NOTE = {
    "en": "USD (the source's thousand USD times 1000), flows as reported by the exporter. All exporters but only nine importers (AUS"
    " DEU FRA GBR ISR JPN KOR TWN USA): China's own imports are not here, and totals are not world totals. 172 to 175 exporters"
    " a year. Product groups overlap: sections, divisions, groups, R&D-intensity groups (HRD MHRD MRD MLRD LRD),"
    " energy (EPA) and medical goods (MED); never add them all up. `_T` is the total, `_X` is unclassified. Zero flows are not"
    " stored. OECD's 2025 part (seven exporters) is left out.",
    "zh": "单位为美元（源数据千美元乘以 1000），为出口方申报数据。包含全部出口方，但仅九个进口方（AUS DEU FRA GBR ISR JPN KOR TWN USA）："
    "不含中国的进口，合计数不是世界总额。每年 172—175 个出口方。产品组相互重叠：门类、大类、中类、"
    "研发强度组（HRD MHRD MRD MLRD LRD）、能源（EPA）和医疗产品（MED），切勿全部相加。`_T` 为合计，`_X` 为未分类。"
    "零值不存储。未收录 OECD 2025 年部分数据（仅七个出口方）。",
}


def build(source: Path, out: Workspace) -> None:
    """Writes the flows and checks that groups add up."""
    origin = out.source(
        id="oecd-btige",
        producer="OECD",
        title="Bilateral Trade in Goods by Industry and End-use (BTIGE), DSD_BTIGE@DF_BTIGE 1.0",
        vintage="2021-2023, as served in May 2026",
        licence="CC BY 4.0",
        licence_status="expected",
        citation="OECD, Bilateral Trade in Goods by Industry and End-use Category (BTIGE).",
        url="https://github.com/york123456/Global-Trade-Dependence-Risk-Table (commit 9dfc2ff66f), a cache of the OECD service",
        done="All exporters to nine importers, 83 product groups; values from thousand USD to USD; the prefix CPA_2_1_ cut from the"
        " product codes; names of the two groups EPA and MED read from the parts that add up to them.",
    )
    path = source / "oecd_btige_bilateral" / "btige_2021_2023_all_exporters_to_9_importers.csv.gz"
    raw = pandas.read_csv(path, keep_default_na=False)
    code = raw["product"].str.removeprefix("CPA_2_1_")
    frame = pandas.DataFrame(
        {
            "exporter": raw["exporter"],
            "importer": raw["importer"],
            "scheme": "BTIGE",
            "code": code,
            "period": raw["year"],
            # The source has three decimals of a thousand dollars: whole dollars are exact.
            "value": numpy.round(raw["value_kusd"].astype(float) * 1000),
        }
    )
    year = frame[frame["period"] == 2022].groupby("code")["value"].sum() / 1e9
    chinese = frame[(frame["period"] == 2022) & (frame["exporter"] == "CHN") & (frame["importer"] == "USA")]
    expect(
        "2022 exports of China to the United States, bn USD",
        chinese.set_index("code")["value"]["_T"] / 1e9,
        582.8,
        1e-3,
    )
    sections = year[["A", "B", "C", "D35", "E38", "OTH", "_X"]].sum()
    expect("2022 sections against the total, bn USD", sections, year["_T"], 1e-3)
    intensity = year[["HRD", "MHRD", "MRD", "MLRD", "LRD"]].sum()
    expect("2022 R&D-intensity groups against the total, bn USD", intensity, year["_T"], 1e-4)
    expect("2022 EPA = B05 + B06 + C19 + D35, bn USD", year[["B05", "B06", "C19", "D35"]].sum(), year["EPA"], 1e-4)
    expect("2022 MED = C21 + C266 + C325, bn USD", year[["C21", "C266", "C325"]].sum(), year["MED"], 1e-4)
    exporters = frame.groupby("period")["exporter"].nunique().to_dict()
    print(f"    exporters by year {exporters}, {frame['code'].nunique()} groups")
    out.write(
        "trade_btige",
        "trade",
        frame,
        title={
            "en": "Bilateral trade by industry, 2021-2023, all exporters to nine importers",
            "zh": "2021—2023 年按行业分的双边贸易（全部出口方对九个进口方）",
        },
        note=NOTE,
        sources=[origin],
    )
