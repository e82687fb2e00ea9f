"""Indicators of countries: Penn World Table from 1990 (`indicators_pwt`), GDP and population 2017 (`indicators_world_2017`)."""

from __future__ import annotations

from pathlib import Path

import pandas

import exports
import names
import rfiles
from checks import expect
from tables import Workspace

# Groups of countries in the file of 2017 (World Bank codes); the Channel Islands stand for two ISO codes.
BANK_CODES = {"ROM": "ROU", "XKX": "X-KOS", "WLD": "WLD"}
FIRST_YEAR = 1990


def build(source: Path, out: Workspace) -> None:
    """Writes the indicators and their definitions."""
    definitions = names.read("indicators")
    definitions["direction"] = definitions["direction"].astype(int)
    out.add("indicator_definitions", definitions)
    build_penn(source, out, definitions)
    build_2017(source, out)


def build_penn(source: Path, out: Workspace, definitions: pandas.DataFrame) -> None:
    """The variables needed for growth accounting, size and talent."""
    origin = out.source(
        id="pwt-10.01",
        producer="Groningen Growth and Development Centre, University of Groningen",
        title="Penn World Table 10.01",
        vintage="1950-2019, release 10.01 of 2023",
        licence="CC BY 4.0 (data); GPL-2 or GPL-3 (R package pwt10, from which this copy comes)",
        licence_status="expected",
        citation="Feenstra, R. C., Inklaar, R. and Timmer, M. P. (2015), The Next Generation of the Penn World Table, American Economic"
        " Review 105, 3150-3182.",
        url="https://github.com/cran/pwt10 (commit 957b298fd7); www.ggdc.net/pwt",
        done="Years from 1990; 20 variables; missing values left out; values as they are.",
    )
    raw = rfiles.read_one(source / "penn_world_table" / "pwt10.01.rda")
    raw = raw[raw["year"] >= FIRST_YEAR]
    parts = []
    units = dict(zip(definitions["indicator"], definitions["unit"], strict=True))
    for indicator in definitions["indicator"]:
        if indicator.startswith("pwt_"):
            variable = indicator.removeprefix("pwt_")
            part = pandas.DataFrame(
                {
                    "place": raw["isocode"].astype(str),
                    "indicator": indicator,
                    "period": raw["year"].astype(int),
                    "value": raw[variable].astype(float),
                    "unit": units[indicator],
                }
            )
            parts.append(part[part["value"].notna()])
    frame = pandas.concat(parts, ignore_index=True)
    population = frame[(frame["indicator"] == "pwt_pop") & (frame["period"] == 2019)]
    print(f"    {frame['place'].nunique()} places, {frame['indicator'].nunique()} variables")
    expect("population of China 2019, million", population.set_index("place")["value"]["CHN"], 1433.8, 1e-3)
    out.write(
        "indicators_pwt",
        "indicators",
        frame,
        title={"en": "Penn World Table 10.01 from 1990", "zh": "佩恩世界表 10.01（1990 年起）"},
        note={
            "en": "Values in 2017 prices are million USD; `rgdpna`, `rnna` and `rtfpna` use national prices and are right for growth,"
            " `rgdpe`, `rgdpo`, `cgdpo`, `cn` and `ctfp` use PPPs and are right for levels. `csh_m` is negative by convention. Ends in"
            " 2019. Missing values are left out.",
            "zh": "以 2017 年价格计的数值单位为百万美元；`rgdpna`、`rnna`、`rtfpna` 按本国价格，适合增长比较；"
            "`rgdpe`、`rgdpo`、`cgdpo`、`cn`、`ctfp` 按购买力平价，适合水平比较。`csh_m` 按惯例为负。截至 2019 年。缺失值不存储。",
        },
        sources=[origin],
    )


def build_2017(source: Path, out: Workspace) -> None:
    """GDP and population of 2017, the companion of the exports."""
    raw = rfiles.read_one(source / "economiccomplexity" / "gdp_and_population_2017.rda")
    raw["place"] = raw["reporter_iso"].astype(str).str.upper()
    raw["place"] = raw["place"].map(lambda code: BANK_CODES.get(code, code))
    known = set(out.shared["places"][0]["place"])
    groups = sorted(set(raw["place"]) - known)
    raw = raw[raw["place"].isin(known)]
    parts = []
    for indicator, column, unit in (("gdp", "gdp_current_usd", "USD"), ("population", "population_total", "persons")):
        part = pandas.DataFrame(
            {"place": raw["place"], "indicator": indicator, "period": 2017, "value": raw[column], "unit": unit}
        )
        parts.append(part[part["value"].notna()])
    frame = pandas.concat(parts, ignore_index=True)
    print(f"    2017: {len(groups)} groups of countries left out: {' '.join(groups)}")
    expect("world GDP 2017, trn USD", frame[frame["place"] == "WLD"]["value"].iloc[0] / 1e12, 80.9, 0.01)
    out.write(
        "indicators_world_2017",
        "indicators",
        frame,
        title={"en": "GDP and population, 2017", "zh": "2017 年国内生产总值和人口"},
        note={
            "en": f"Current USD and persons (World Bank figures in the package). {len(groups)} groups of countries are left out, WLD is"
            " the world. No figures for Taiwan (China).",
            "zh": f"现价美元和人（软件包中的世界银行数据）。未收录 {len(groups)} 个国家分组，WLD 为世界。不含中国台湾数据。",
        },
        sources=[exports.register(out)],
    )
