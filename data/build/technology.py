"""Patents by WIPO field, green patents and scientific articles by place (`patents_wipo35`, `patents_green`, `articles`)."""

from __future__ import annotations

from pathlib import Path

import pandas

import names
import places
from checks import expect
from tables import BuildError, Workspace

# Regions of the tables that are not places: sums of places, former states, remainders.
AGGREGATES = {
    "north america",
    "central america and caribbean",
    "south america",
    "europe",
    "eu-27 + uk",
    "eu-27 and united kingdom",
    "eu-27",
    "other europe",
    "other europe, 2020",
    "other europe (2020)",
    "asia",
    "middle east",
    "africa",
    "australia and oceania",
    "unclassified",
    "unassigned",
    "serbia and montenegro",
}
PARTS_OF_GREEN_GROUPS = {"AGRIADAPT", "AGRIMIT"}
PARTS_OF_PALESTINE = {"west bank", "gaza strip"}

CAVEAT = {
    "en": " A record of several places is shared among them by the number of inventors or authors. Regional and income aggregates, what"
    " is not assigned to a place and `Serbia and Montenegro` are left out; `WLD` is the source's world total and holds them. Years"
    " were decoded from the order of rows in the published tables.",
    "zh": "多地合作的记录按发明人或作者人数分摊。未收录区域和收入分组合计、未分配地区的记录以及“塞尔维亚和黑山”；WLD 为来源公布的世界合计，"
    "包含上述部分。年份按公布表的行序还原。",
}


def build(source: Path, out: Workspace) -> None:
    """Writes the three tables."""
    origin = out.source(
        id="ncses-indicators",
        producer="National Center for Science and Engineering Statistics, US National Science Foundation; Science-Metrix",
        title="Science and Engineering Indicators 2022 and 2024: invention and publication tables",
        vintage="patents 1998-2020, green patents 1998-2022, articles 2003-2022",
        licence="US government work, public domain in the United States; rests on PATSTAT, USPTO PatentsView and Scopus data as"
        " processed by Science-Metrix",
        licence_status="stated",
        citation="National Science Board, National Science Foundation, Science and Engineering Indicators 2022 and 2024.",
        url="https://github.com/bq-org/ncses_stats_explorer_placeholder (commit 1f879ab6)",
        done="Tidy copies of the tables; region names mapped to ISO 3166, aggregates dropped; West Bank and Gaza Strip added up as"
        " Palestine; fields mapped to the numbers of the WIPO list or to short codes.",
    )
    folder = source / "ncses_indicators"
    build_patents(folder, source, origin, out)
    build_green(folder, source, origin, out)
    build_articles(folder, source, origin, out)


def read(path: Path, source: Path, fields: str) -> pandas.DataFrame:
    """One tidy file with columns `place`, `code`, `period`, `value` (and those of the file)."""
    frame = pandas.read_csv(path, keep_default_na=False)
    codes = {row.ncses: row.code for row in names.read(fields).itertuples()}
    unknown = set(frame["field"]) - set(codes)
    if unknown:
        raise BuildError(f"{path.name}: unknown fields {sorted(unknown)}")
    frame["code"] = frame["field"].map(codes)
    plain = frame["region"].map(places.plain)
    frame["place"] = plain.map(places.by_name(source))
    frame.loc[plain.isin(PARTS_OF_PALESTINE), "place"] = "PSE"
    dropped = set(plain[frame["place"].isna()])
    if dropped - AGGREGATES:
        raise BuildError(f"{path.name}: unknown regions {sorted(dropped - AGGREGATES)}")
    kept = frame[frame["place"].notna()]
    print(
        f"    {path.name}: {kept['place'].nunique()} places, {len(frame) - len(kept)} rows of {len(dropped)} aggregates dropped"
    )
    return kept.rename(columns={"year": "period"}).astype({"value": float})


def finish(frame: pandas.DataFrame, scheme: str, unit: str) -> pandas.DataFrame:
    """The frame in schema `activity`; parts of one place are added up."""
    frame = frame.assign(scheme=scheme, unit=unit)
    key = ["place", "scheme", "code", "period", "measure", "unit"]
    return frame.groupby(key, as_index=False)["value"].sum()


def check_fields(frame: pandas.DataFrame, what: str) -> None:
    """World: the fields add up to the total."""
    world = frame[frame["place"] == "WLD"]
    total = world[world["code"] == "TOTAL"]["value"].sum()
    expect(
        f"{what}: fields of the world against its total", world[world["code"] != "TOTAL"]["value"].sum(), total, 5e-3
    )


def build_patents(folder: Path, source: Path, origin: str, out: Workspace) -> None:
    """Patents by place and WIPO field."""
    frame = read(folder / "patents_country_x_wipo35_1998_2020.csv.gz", source, "wipo35")
    frame["measure"] = frame["source"].map({"IPF": "patents_ipf", "USPTO": "patents_uspto"})
    frame = finish(frame, "WIPO35", "patents")
    for measure, part in frame.groupby("measure"):
        check_fields(part, measure)
    note = {
        "en": "`patents_ipf`: INPADOC patent families of all offices in PATSTAT, counted in the year of their first grant and placed by the"
        " residence of inventors; the source calls them international patent families, but families granted at home only are counted"
        " too, so China has about half of the world's. `patents_uspto`: utility patents granted by the USPTO. 1998-2020. Codes 1-35"
        " are the numbers of WIPO's technology fields; TOTAL is the published total, UNASSIGNED what has no field. Only N places"
        " with many patents are published. China includes Hong Kong. Families: India has gaps, South Africa has none for 2018, Italy"
        " counts applications.",
        "zh": "`patents_ipf` 为 PATSTAT 收录的各局 INPADOC 专利族，按族内首次授权年份统计，按发明人居住地归属；来源称之为国际专利族，"
        "但仅在本国授权的专利族也计算在内，因此中国约占世界一半。`patents_uspto` 为美国专利商标局授权的发明专利。1998—2020 年。"
        "代码 1—35 为世界知识产权组织技术领域编号；TOTAL 为公布合计，UNASSIGNED 为未归入领域者。仅公布专利较多的 N 个国家和地区。"
        "中国含香港。专利族数据：印度有缺漏，南非无 2018 年数据，意大利以申请代替授权。",
    }
    countries = frame.loc[frame["place"] != "WLD", "place"].nunique()
    note = {language: text.replace(" N ", f" {countries} ") for language, text in note.items()}
    out.write(
        "patents_wipo35",
        "activity",
        frame,
        title={
            "en": "Patents by place and WIPO technology field, 1998-2020",
            "zh": "1998—2020 年按 WIPO 技术领域分的专利",
        },
        note={language: note[language] + CAVEAT[language] for language in note},
        sources=[origin],
    )


def build_green(folder: Path, source: Path, origin: str, out: Workspace) -> None:
    """Green patents granted by the USPTO."""
    frame = read(folder / "green_patents_uspto_country_1998_2022.csv.gz", source, "ncses_green")
    frame["measure"] = "patents_uspto"
    check_fields(frame[~frame["code"].isin(PARTS_OF_GREEN_GROUPS)], "green patents")
    note = {
        "en": "Utility patents granted by the USPTO in environmental sustainability technologies. Ten groups add to TOTAL; AGRIADAPT and"
        " AGRIMIT are agricultural parts of them and come on top. 1998-2022. China includes Hong Kong; the United States includes"
        " Puerto Rico.",
        "zh": "美国专利商标局授权的环境可持续技术发明专利。十个组之和为 TOTAL；AGRIADAPT 和 AGRIMIT 是其中的农业部分，另行列出，不可重复相加。"
        "1998—2022 年。中国含香港；美国含波多黎各。",
    }
    out.write(
        "patents_green",
        "activity",
        finish(frame, "NCSES-GREEN", "patents"),
        title={"en": "Green patents by place and group, 1998-2022", "zh": "1998—2022 年按类别分的绿色专利"},
        note={language: note[language] + CAVEAT[language] for language in note},
        sources=[origin],
    )


def build_articles(folder: Path, source: Path, origin: str, out: Workspace) -> None:
    """Scientific articles by place and field."""
    frame = read(folder / "articles_country_x_field_2003_2022.csv.gz", source, "ncses_field")
    frame["measure"] = "articles"
    frame = finish(frame, "NCSES-FIELD", "articles")
    check_fields(frame, "articles")
    note = {
        "en": "Science and engineering articles and conference papers in Scopus by field and place of the authors' institutions. 2003-2022; TOTAL is the"
        " published total of all fields.",
        "zh": "Scopus 收录的科学与工程期刊论文和会议论文，按领域和作者机构所在地统计。2003—2022 年；TOTAL 为公布的全部领域合计。",
    }
    out.write(
        "articles",
        "activity",
        frame,
        title={"en": "Scientific articles by place and field, 2003-2022", "zh": "2003—2022 年按学科领域分的科学论文"},
        note={language: note[language] + CAVEAT[language] for language in note},
        sources=[origin],
    )
