"""World rows of `links`: which product, field or industry of one scheme belongs to which of another, with weights."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pandas

import names
import rfiles
from tables import BuildError, Workspace

COLUMNS = ["from_scheme", "from_code", "to_scheme", "to_code", "weight", "confidence", "source"]
# ISIC 4 divisions whose products are goods.
GOODS = {f"{number:02d}" for number in [1, 2, 3, 5, 6, 7, 8, *range(10, 33), 35, 38, 58, 59, 71, 90, 91]}


def build(source: Path, out: Workspace) -> None:
    """Adds the links between the schemes of the world tables."""
    folder = source / "concordances_trade_industry"
    wiod = wiod_of_isic3(folder)
    divisions = divisions_to_wiod(folder, wiod)
    parts = [
        products_to_wiod(folder, wiod),
        products_to_isic4(folder),
        fields_to_nace(source),
        divisions,
        trade_groups_to_wiod(divisions),
    ]
    out.add(
        "links",
        pandas.concat(parts, ignore_index=True),
        note={
            "en": "Weights of one code towards one scheme add to 1; they are shares of lines, not of value. HS4 to WIOD35: each HS6 line of"
            " the heading counts the same, split equally among its industries (through ISIC 3). HS4 to ISIC4: the product of two"
            " concordances, HS6 to ISIC 4 and HS6 to NAICS to ISIC 4, divisions that make no goods left out; 47 headings by our reading"
            " (source xinzhi). ISIC4 to WIOD35: our reading of the main industry of a division, checked to occur in the official"
            " correspondence of ISIC 4 and ISIC 3. BTIGE to WIOD35: our reading of a group as ISIC 4 divisions, equal weights. WIPO35 to"
            " NACE2: shares of patents. Without a link to WIOD35: 32 HS4 headings of waste, scrap and by-products and 9999, which the"
            " concordance gives to no industry; ISIC 4 divisions 98 and 99; BTIGE groups by R&D intensity, all manufactures, `OTH` and"
            " totals.",
            "zh": "同一代码指向同一分类的权重之和为 1；权重为条目份额，不是价值份额。HS4 到 WIOD35：品目内每个 HS6 子目权重相同，"
            "对应多个行业的子目均分（经 ISIC 3）。HS4 到 ISIC4：取两种对应关系（HS6 到 ISIC 4、HS6 经 NAICS 到 ISIC 4）之积，剔除不生产货物的大类；"
            "47 个品目为本项目的判断（来源 xinzhi）。ISIC4 到 WIOD35：本项目判断的大类主要行业，并核对其见于 ISIC 4 与 ISIC 3 的官方对应。"
            "BTIGE 到 WIOD35：将产品组理解为 ISIC 4 大类，权重均等。WIPO35 到 NACE2：专利份额。没有 WIOD35 对应的有：32 个废料、碎料和副产品"
            "HS4 品目及 9999（源对应关系未归入任何行业）；ISIC 4 第 98、99 大类；BTIGE 的研发强度组、全部制成品、`OTH` 和合计。",
        },
        sources=["concordance-trade-industry", "concordance-patent-industry", "xinzhi"],
    )


def split(targets: list[str]) -> dict[str, float]:
    """Equal weights over the entries of a list; an entry that occurs twice has twice the weight."""
    weights: dict[str, float] = defaultdict(float)
    for target in targets:
        weights[target] += 1 / len(targets)
    return dict(weights)


def mean(weightings: list[dict[str, float]]) -> dict[str, float]:
    """The mean of several weightings, empty ones left out."""
    weights: dict[str, float] = defaultdict(float)
    weightings = [weighting for weighting in weightings if weighting]
    for weighting in weightings:
        for target, weight in weighting.items():
            weights[target] += weight / len(weightings)
    return dict(weights)


def rows(scheme: str, code: str, target: str, weights: dict[str, float], confidence: str, origin: str) -> list[tuple]:
    """The rows of one code."""
    total = sum(weights.values())
    if not weights or abs(total - 1) > 1e-6:
        raise BuildError(f"links: weights of {scheme} {code} add to {total}")
    return [(scheme, code, target, to, weights[to] / total, confidence, origin) for to in sorted(weights)]


def wiod_of_isic3(folder: Path) -> dict[str, str]:
    """WIOD industry (`c1`...) of each ISIC 3 division."""
    raw = rfiles.read_one(folder / "wiod_2013.RData")
    raw = raw[raw["WIOT2013_n"].notna()]
    found = {row.ISIC3_2d: f"c{int(row.WIOT2013_n)}" for row in raw.itertuples()}
    for row in names.read("wiod35").itertuples():
        letters = set(raw.loc[raw["WIOT2013_n"] == int(row.code[1:]), "WIOT2013_c"].astype(str))
        if letters != {row.isic3}:
            raise BuildError(f"links: {row.code} is {letters} in the concordance, {row.isic3} in names/wiod35.csv")
    return found


def products_to_wiod(folder: Path, wiod: dict[str, str]) -> pandas.DataFrame:
    """HS 2007 headings to WIOD industries through ISIC 3."""
    raw = rfiles.read_one(folder / "hs3_isic3.RData").astype(object).fillna("")
    raw = raw[raw["ISIC3_2d"].isin(wiod)]
    found = []
    for heading, part in raw.groupby("HS3_4d"):
        lines = [split(sorted({wiod[division] for division in line["ISIC3_2d"]})) for _, line in part.groupby("HS3_6d")]
        weights = mean(lines)
        confidence = "high" if len(weights) == 1 else "medium"
        found += rows("HS4", heading, "WIOD35", weights, confidence, "concordance-trade-industry")
    return pandas.DataFrame(found, columns=COLUMNS)


def products_to_isic4(folder: Path) -> pandas.DataFrame:
    """HS 2007 headings to ISIC 4 divisions: where two concordances agree, and our reading where they do not."""
    direct = rfiles.read_one(folder / "hs_isic4.RData").astype(object).fillna("")
    american = rfiles.read_one(folder / "hs3_naics.RData").astype(object).fillna("")
    headings = rfiles.read_one(folder / "hs3_desc.RData")["code"].astype(str)
    lines = set(headings[headings.str.len() == 6])
    direct = direct[direct["HS_6d"].isin(lines)]
    naics = NaicsDivisions(folder)
    first = by_heading(direct, "HS_4d", "HS_6d", lambda line: split(list(line["ISIC4_2d"])))
    second = by_heading(american, "HS3_4d", "HS3_6d", lambda line: mean([naics.of(code) for code in line["NAICS_6d"]]))
    readings = {row.code: row.division for row in names.read("hs4_isic4").itertuples()}
    found = []
    for heading in sorted(headings[headings.str.len() == 4]):
        if heading in readings:
            found += rows("HS4", heading, "ISIC4", {readings[heading]: 1.0}, "medium", "xinzhi")
            continue
        one, two = goods(first.get(heading, {})), goods(second.get(heading, {}))
        weights = {division: one[division] * two[division] for division in one if division in two} or two or one
        total = sum(weights.values())
        if not total:
            print(f"    HS heading {heading} has no ISIC 4 division")
            continue
        weights = {division: weight / total for division, weight in weights.items()}
        confidence = "high" if len(weights) == 1 and one and two else "medium"
        found += rows("HS4", heading, "ISIC4", weights, confidence, "concordance-trade-industry")
    return pandas.DataFrame(found, columns=COLUMNS)


def goods(weights: dict[str, float]) -> dict[str, float]:
    """The part of a weighting that falls on divisions that make goods."""
    return {division: weight for division, weight in weights.items() if division in GOODS}


def by_heading(frame: pandas.DataFrame, heading: str, line: str, weigh) -> dict[str, dict[str, float]]:
    """The mean over the HS6 lines of each heading."""
    return {code: mean([weigh(part) for _, part in group.groupby(line)]) for code, group in frame.groupby(heading)}


class NaicsDivisions:
    """The ISIC 4 divisions of a NAICS code of any vintage; a trailing X stands for any digit."""

    def __init__(self, folder: Path) -> None:
        """Reads the three concordances."""
        self.vintages = []
        for vintage in ("2007", "2012", "2017"):
            frame = rfiles.read_one(folder / f"naics{vintage}_isic4.RData").astype(object).fillna("")
            self.vintages.append({code: set(part["ISIC4_2d"]) for code, part in frame.groupby(f"NAICS{vintage}_6d")})

    def of(self, code: str) -> dict[str, float]:
        """Equal weights over the divisions, empty when the code is unknown (waste, used goods)."""
        for vintage in self.vintages:
            if code in vintage:
                return split(sorted(vintage[code]))
        prefix = code.rstrip("X")
        for vintage in self.vintages:
            divisions = {division for known, found in vintage.items() if known.startswith(prefix) for division in found}
            if divisions and prefix != code:
                return split(sorted(divisions))
        return {}


def fields_to_nace(source: Path) -> pandas.DataFrame:
    """WIPO technology fields to NACE 2 divisions."""
    raw = pandas.read_excel(source / "concordances_patent_industry" / "nace_wipo.xlsx").set_index("NACE")
    found = []
    for column in raw.columns:
        weights = {f"{int(division):02d}": float(weight) for division, weight in raw[column].items() if weight > 0}
        total = sum(weights.values())
        if abs(total - 1) > 1e-3:
            raise BuildError(f"links: shares of {column} add to {total}")
        weights = {division: weight / total for division, weight in weights.items()}
        found += rows(
            "WIPO35", str(int(column.removeprefix("W35F"))), "NACE2", weights, "medium", "concordance-patent-industry"
        )
    return pandas.DataFrame(found, columns=COLUMNS)


def divisions_to_wiod(folder: Path, wiod: dict[str, str]) -> pandas.DataFrame:
    """ISIC 4 divisions to WIOD industries: our reading, which must occur in the official correspondence."""
    official = rfiles.read_one(folder / "isic4_isic3.RData").astype(object).fillna("")
    found = []
    for row in names.read("divisions").itertuples():
        allowed = {wiod.get(division) for division in official.loc[official["ISIC4_2d"] == row.code, "ISIC3_2d"]}
        industries = row.wiod35.split()
        if not set(industries) <= allowed:
            raise BuildError(
                f"links: ISIC 4 division {row.code}: {industries} are not among {sorted(filter(None, allowed))}"
            )
        if industries:
            confidence = "high" if {industries[0]} == allowed else "medium"
            found += rows("ISIC4", row.code, "WIOD35", split(industries), confidence, "xinzhi")
    return pandas.DataFrame(found, columns=COLUMNS)


def trade_groups_to_wiod(divisions: pandas.DataFrame) -> pandas.DataFrame:
    """BTIGE product groups to WIOD industries, through the ISIC 4 codes of `names/btige.csv` or the industry given there."""
    of_division = {
        code: dict(zip(part["to_code"], part["weight"], strict=True)) for code, part in divisions.groupby("from_code")
    }
    groups = names.read("btige")
    given = {row.isic4: {row.wiod35: 1.0} for row in groups.itertuples() if row.wiod35}
    found = []
    for row in groups.itertuples():
        prefixes = row.isic4.split()
        if prefixes:
            weights = mean(
                [given.get(row.isic4) or given.get(prefix) or of_division[prefix[:2]] for prefix in prefixes]
            )
            found += rows("BTIGE", row.code, "WIOD35", weights, "medium", "xinzhi")
    return pandas.DataFrame(found, columns=COLUMNS)
