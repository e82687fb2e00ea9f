"""Science and technology of the provinces, 2010-2024 (`province_st`)."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pandas

import rfiles
from checks import expect
from china_places import BY_NAME_ZH, CHINA, CODES
from tables import BuildError, Workspace

# Place names that the source misspells, with the province that belongs there (it is otherwise missing in that year and file).
MISSPELT = {
    ("RDLaborHour", 2013, "内蒙占"): "内蒙古",
    ("RDPatentAccept", 2014, "江两"): "江西",
    ("RDPatentAuthority", 2012, "两藏"): "西藏",
    ("RDPatentAuthority", 2012, "山两"): "山西",
    ("RDPatentValid", 2015, "江四"): "江西",
    ("RDPatentValid", 2014, "浙汀"): "浙江",
    ("RDPatentValid", 2014, "四藏"): "西藏",
    ("RDPatentValid", 2014, "尔部地区"): None,  # the eastern region, an aggregate: dropped
}
NATION = "全国"
MONEY = "100 million CNY"


class Indicator(NamedTuple):
    """One indicator: where it stands in the source and what it means."""

    id: str
    file: str
    variable: str
    unit_found: str
    factor: float
    unit: str
    dimension: str
    direction: int
    name_en: str
    name_zh: str


INDICATORS = [
    Indicator(
        "st_rd_expenditure", "RDActivity", "v4_zh_nbzc_hj", "万元", 1e-4, MONEY,
        "technology", 1, "R&D expenditure", "研究与试验发展（R&D）经费支出",
    ),
    Indicator(
        "st_rd_intensity", "RDIntense", "v4_ztr_qd_RD", "%", 1, "% of GDP",
        "technology", 1, "R&D intensity (R&D expenditure as a share of GDP)", "R&D 经费投入强度（占地区生产总值比重）",
    ),
    Indicator(
        "st_rd_basic_research", "RDActivity", "v4_zh_nbzc_jcyj", "万元", 1e-4, MONEY,
        "technology", 1, "R&D expenditure on basic research", "基础研究经费支出",
    ),
    Indicator(
        "st_rd_applied_research", "RDActivity", "v4_zh_nbzc_yyyj", "万元", 1e-4, MONEY,
        "technology", 1, "R&D expenditure on applied research", "应用研究经费支出",
    ),
    Indicator(
        "st_rd_experimental_development", "RDActivity", "v4_zh_nbzc_syfz", "万元", 1e-4, MONEY,
        "technology", 1, "R&D expenditure on experimental development", "试验发展经费支出",
    ),
    Indicator(
        "st_rd_government_funds", "RDSource", "v4_zh_nbzc_zfzj", "万元", 1e-4, MONEY,
        "reform", 0, "R&D expenditure paid by government", "R&D 经费支出中的政府资金",
    ),
    Indicator(
        "st_rd_business_funds", "RDSource", "v4_zh_nbzc_qyzj", "万元", 1e-4, MONEY,
        "reform", 1, "R&D expenditure paid by enterprises", "R&D 经费支出中的企业资金",
    ),
    Indicator(
        "st_rd_personnel_fte", "RDLaborHour", "v4_zh_qsdl_hj", "人年", 1, "person-years",
        "talent", 1, "R&D personnel, full-time equivalent", "R&D 人员全时当量",
    ),
    Indicator(
        "st_researchers_fte", "RDLaborHour", "v4_zh_qsdl_yjry", "人年", 1, "person-years",
        "talent", 1, "Researchers, full-time equivalent", "R&D 研究人员全时当量",
    ),
    Indicator(
        "st_basic_research_personnel_fte", "RDLaborHour", "v4_zh_qsdl_jcyj", "人年", 1, "person-years",
        "talent", 1, "R&D personnel in basic research, full-time equivalent", "基础研究人员全时当量",
    ),
    Indicator(
        "st_patents_applied", "RDPatentAccept", "v4_cg_zlsq_hj", "件", 1, "patents",
        "technology", 1, "Patent applications, all kinds", "专利申请受理数",
    ),
    Indicator(
        "st_invention_patents_applied", "RDPatentAccept", "v4_cg_zlsq_fm", "件", 1, "patents",
        "technology", 1, "Invention patent applications", "发明专利申请受理数",
    ),
    Indicator(
        "st_patents_granted", "RDPatentAuthority", "v4_cg_zlsq2_hj", "件", 1, "patents",
        "technology", 1, "Patents granted, all kinds", "专利授权数",
    ),
    Indicator(
        "st_invention_patents_granted", "RDPatentAuthority", "v4_cg_zlsq2_fm", "件", 1, "patents",
        "technology", 1, "Invention patents granted", "发明专利授权数",
    ),
    Indicator(
        "st_patents_in_force", "RDPatentValid", "v4_cg_zlsyx_hj", "件", 1, "patents",
        "technology", 1, "Patents in force, all kinds", "有效专利数",
    ),
    Indicator(
        "st_invention_patents_in_force", "RDPatentValid", "v4_cg_zlsyx_fm", "件", 1, "patents",
        "technology", 1, "Invention patents in force", "有效发明专利数",
    ),
    Indicator(
        "st_papers_sci", "RDPaperInternational", "v4_cg_gwlw_pssci", "篇", 1, "papers",
        "technology", 1, "Papers in the Science Citation Index", "SCI 收录论文数",
    ),
    Indicator(
        "st_papers_ei", "RDPaperInternational", "v4_cg_gwlw_psei", "篇", 1, "papers",
        "technology", 1, "Papers in the Engineering Index", "EI 收录论文数",
    ),
    Indicator(
        "st_technology_market_value", "MarketPush", "v4_cg_jssc_je", "万元", 1e-4, MONEY,
        "reform", 1, "Technology market: value of contracts sold", "技术市场技术输出合同成交额",
    ),
    Indicator(
        "st_technology_market_contracts", "MarketPush", "v4_cg_jssc_ht", "项", 1, "contracts",
        "reform", 1, "Technology market: contracts sold", "技术市场技术输出合同数",
    ),
    Indicator(
        "st_technology_purchase_value", "MarketPull", "v4_cg_jssr_je", "万元", 1e-4, MONEY,
        "reform", 1, "Technology market: value of contracts bought", "技术市场技术吸纳合同成交额",
    ),
    Indicator(
        "st_technology_purchase_contracts", "MarketPull", "v4_cg_jssr_ht", "项", 1, "contracts",
        "reform", 1, "Technology market: contracts bought", "技术市场技术吸纳合同数",
    ),
    Indicator(
        "st_hightech_revenue", "IndustryOperation", "v4_cy_scjy_zyyw", "亿元", 1, MONEY,
        "growth", 1, "High-tech manufacturing: revenue", "高技术产业（制造业）营业收入",
    ),
    Indicator(
        "st_hightech_profits", "IndustryOperation", "v4_cy_scjy_lrze", "亿元", 1, MONEY,
        "growth", 1, "High-tech manufacturing: total profits", "高技术产业（制造业）利润总额",
    ),
    Indicator(
        "st_hightech_enterprises", "IndustryOperation", "v4_cy_scjy_qys", "个", 1, "enterprises",
        "growth", 1, "High-tech manufacturing: enterprises", "高技术产业（制造业）企业数",
    ),
    Indicator(
        "st_hightech_exports", "IndustryTrade", "v4_cy_my_ck", "百万美元", 1, "million USD",
        "growth", 1, "High-tech products: exports", "高技术产品出口额",
    ),
    Indicator(
        "st_hightech_imports", "IndustryTrade", "v4_cy_my_jk", "百万美元", 1, "million USD",
        "growth", 0, "High-tech products: imports", "高技术产品进口额",
    ),
    Indicator(
        "st_hightech_rd_expenditure", "IndustryRD", "v4_cy_RDhd_nbzc", "万元", 1e-4, MONEY,
        "technology", 1, "High-tech manufacturing: R&D expenditure", "高技术产业（制造业）R&D 经费内部支出",
    ),
    Indicator(
        "st_hightech_rd_personnel_fte", "IndustryRD", "v4_cy_RDhd_qsdl", "人年", 1, "person-years",
        "talent", 1, "High-tech manufacturing: R&D personnel, full-time equivalent", "高技术产业（制造业）R&D 人员全时当量",
    ),
    Indicator(
        "st_hightech_new_product_revenue", "IndustryRD", "v4_cy_xcp_xssr", "万元", 1e-4, MONEY,
        "growth", 1, "High-tech manufacturing: revenue from new products", "高技术产业（制造业）新产品销售收入",
    ),
    Indicator(
        "st_hightech_new_product_exports", "IndustryRD", "v4_cy_xcp_ck", "万元", 1e-4, MONEY,
        "growth", 1, "High-tech manufacturing: exports of new products", "高技术产业（制造业）新产品出口额",
    ),
    Indicator(
        "st_hightech_firms_recognised", "HitechFirmsPub", "num", "", 1, "firms",
        "growth", 1, "Firms recognised as high-tech in the year (published lists)", "当年公示认定的高新技术企业数",
    ),
    Indicator(
        "st_public_budget", "PublicBudget", "v6_cz_yszc_hj", "亿元", 1, MONEY,
        "size", 0, "Local general public budget expenditure", "地方一般公共预算支出",
    ),
    Indicator(
        "st_public_budget_science_technology", "PublicBudget", "v6_cz_yszc_kxjs", "亿元", 1, MONEY,
        "reform", 1, "Local public budget expenditure on science and technology", "地方一般公共预算科学技术支出",
    ),
    Indicator(
        "st_public_budget_education", "PublicBudget", "v6_cz_yszc_jy", "亿元", 1, MONEY,
        "talent", 1, "Local public budget expenditure on education", "地方一般公共预算教育支出",
    ),
]  # fmt: skip

# Units that the source gives wrongly for one year; the levels continue those of the neighbouring years.
WRONG_UNITS = {("v4_cy_RDhd_qsdl", 2020): "万元"}

NOTE = {
    "en": "31 provinces and the nation (place CHN), mostly 2010-2023; years differ by indicator (technology market: 2000, 2005, 2010,"
    " 2012-2023; R&D intensity from 2011; papers to 2022; high-tech manufacturing without 2017; high-tech exports and imports"
    " 2016-2018; R&D, staff and new products of high-tech manufacturing 2016-2023; recognised high-tech firms 2018-2024,"
    " provinces only). Money is in current prices; amounts given in 10,000 CNY were divided by 10,000. The nation's patents and"
    " technology market include what belongs to no province (Hong Kong, Macao, Taiwan, abroad), so provinces add up to less; the"
    " nation's budget is that of the local governments together (from 2019). High-tech revenue is main business revenue to 2016"
    " and total revenue from 2018; its early profits of small provinces swing widely. Seven misspelt place names of the source"
    " were read as the province missing in that year, and one regional aggregate among the provinces (patents in force 2014) was"
    " dropped; unit labels of one variable in 2020 were wrong and are corrected. Known gaps and slips of the source are kept:"
    " Beijing's enterprise funds 2012 are missing, papers in the Engineering Index 2013 add up to 0.6 % less than the nation,"
    " Shanghai's kinds of R&D 2021 add up to 0.2 billion CNY more than the total.",
    "zh": "31 个省级行政区和全国（CHN），多数为 2010—2023 年，各指标年份不一（技术市场：2000、2005、2010、2012—2023 年；R&D 强度自 2011 年起；论文至"
    " 2022 年；高技术制造业缺 2017 年；高技术产品进出口为 2016—2018 年；高技术制造业 R&D、人员和新产品为 2016—2023 年；公示高新技术企业为"
    " 2018—2024 年，仅分省）。金额为当年价格；原以万元计者已折合亿元。全国专利和技术市场含不属于任何省份的部分（港澳台、境外），故各省合计小于全国；"
    "全国预算为地方合计（自 2019 年起）。高技术产业收入 2016 年及以前为主营业务收入，2018 年起为营业收入；早年小省份利润波动较大。源数据中 7 处误写的"
    "地名按当年缺失的省份判读，并剔除混入的一行地区合计（2014 年有效专利）；一个变量 2020 年的单位标注有误，已更正。源数据的其他缺漏照旧保留："
    "北京 2012 年企业资金缺失，2013 年 EI 论文各省合计比全国少 0.6%，上海 2021 年三类 R&D 之和比总数多 2 亿元。",
}


def build(source: Path, out: Workspace) -> None:
    """Writes the table and the definitions of its indicators."""
    origin = out.source(
        id="china_st_yearbook",
        producer="National Bureau of Statistics and Ministry of Science and Technology of China",
        title="China Statistical Yearbook on Science and Technology and China Statistical Yearbook, provincial panel",
        vintage="2010-2024 (technology market from 2000)",
        licence="MIT (R package techme); the figures are official statistics without an open licence statement",
        licence_status="stated",
        citation="Hu Huaping, techme: data on technology, education and economics of China (R package).",
        url="https://github.com/huhuaping/techme (commit 9ad60a190d)",
        done="35 variables taken, place names repaired, amounts in 10,000 CNY turned into 100 million CNY; ranks, project counts"
        " and project-level lists left out.",
    )
    folder = source / "china_st_yearbook_panel"
    files = {name: read(folder, name) for name in dict.fromkeys(indicator.file for indicator in INDICATORS)}
    table = pandas.concat([values(files[indicator.file], indicator) for indicator in INDICATORS], ignore_index=True)
    check(table, read(folder, "RDIntense"), files["RDPatentValid"])
    title = {
        "en": "Science and technology of the provinces of China, 2000-2024",
        "zh": "中国分省科技指标，2000—2024 年",
    }
    out.write("province_st", "indicators", table, title=title, note=NOTE, sources=[origin])
    definitions = pandas.DataFrame(INDICATORS).rename(columns={"id": "indicator"})
    columns = ["indicator", "dimension", "direction", "name_en", "name_zh", "unit"]
    out.add("indicator_definitions", definitions[columns], sources=[origin])


def read(folder: Path, name: str) -> pandas.DataFrame:
    """One file in long form with place codes: columns place, period, variables, value, units."""
    frame = rfiles.read_one(folder / f"{name}.rda")
    if name == "HitechFirmsPub":
        frame = frame.rename(columns={"num": "value"}).assign(variables="num", units="")
    frame = frame.assign(
        period=frame["year"].astype(float).astype(int),
        name=frame["province"].astype(str).str.replace(r"\s", "", regex=True),
    )
    repaired = []
    for period, found in zip(frame["period"], frame["name"], strict=True):
        repaired.append(MISSPELT.get((name, period, found), found))
    frame["name"] = repaired
    frame = frame[frame["name"].notna()]
    places = frame["name"].map({**BY_NAME_ZH, NATION: CHINA})
    if places.isna().any():
        raise BuildError(f"{name}: unknown place {frame['name'][places.isna()].iloc[0]}")
    frame = frame.assign(place=places, variables=frame["variables"].astype(str), units=frame["units"].astype(str))
    duplicates = frame.duplicated(["place", "period", "variables"])
    if duplicates.any():
        raise BuildError(f"{name}: {duplicates.sum()} rows twice")
    return frame[["place", "period", "variables", "value", "units"]]


def values(frame: pandas.DataFrame, indicator: Indicator) -> pandas.DataFrame:
    """The rows of one indicator, missing values left out."""
    rows = frame[(frame["variables"] == indicator.variable) & frame["value"].notna()]
    for period, unit in zip(rows["period"], rows["units"], strict=True):
        unit_wanted = WRONG_UNITS.get((indicator.variable, period), indicator.unit_found)
        if unit != unit_wanted:
            raise BuildError(f"{indicator.id} {period}: unit {unit}, expected {unit_wanted}")
    value = rows["value"].astype(float) * indicator.factor
    if indicator.factor != 1:
        value = value.round(8)
    return pandas.DataFrame(
        {
            "place": rows["place"],
            "indicator": indicator.id,
            "period": rows["period"],
            "value": value,
            "unit": indicator.unit,
        }
    )


def check(table: pandas.DataFrame, intense: pandas.DataFrame, in_force: pandas.DataFrame) -> None:
    """Known figures, sums over provinces, and two files that hold the same variable."""
    cell = table.set_index(["indicator", "place", "period"])["value"]
    expect("R&D of China 2022", cell["st_rd_expenditure", CHINA, 2022], 30_782.9, 1e-5)
    expect("R&D intensity of China 2022", cell["st_rd_intensity", CHINA, 2022], 2.54, 1e-9)
    expect("R&D intensity of Beijing 2022", cell["st_rd_intensity", "CN-BJ", 2022], 6.83, 1e-9)
    expect("R&D of Guangdong 2022", cell["st_rd_expenditure", "CN-GD", 2022], 4_411.9, 1e-4)
    same = intense[intense["variables"] == "v4_ztr_jf_RD"].set_index(["place", "period"])["value"]
    other = cell["st_rd_expenditure"].reindex(same.index)
    assert len(same) == 32 * 13 and ((same - other).abs() < 0.06).all(), "the two files on R&D expenditure disagree"
    kinds = in_force.pivot(index=["place", "period"], columns="variables", values="value")
    total = kinds.pop("v4_cg_zlsyx_hj")
    assert (kinds.sum(axis=1) == total).all(), "kinds of patents in force do not add up"
    for place in CODES:
        assert {(place, year) for year in range(2010, 2024)} <= set(cell["st_rd_expenditure"].index)
    provinces = table[table["place"] != CHINA].groupby(["indicator", "period"])["value"].sum()
    nation = table[table["place"] == CHINA].set_index(["indicator", "period"])["value"]
    ratio = (provinces / nation).dropna()
    loose = ("st_patents", "st_invention", "st_technology", "st_rd_intensity")
    exact = ratio[[not indicator.startswith(loose) for indicator, _ in ratio.index]]
    known = [("st_papers_ei", 2013), ("st_rd_business_funds", 2012)]
    off = exact.drop(known)[lambda shares: (shares - 1).abs() > 5e-4]
    assert off.empty, off
    print(
        f"    provinces add up to the nation within 0.05 % in {len(exact) - len(known)} of {len(exact)} indicator-years"
    )
    less = ratio[[indicator.startswith(loose[:3]) for indicator, _ in ratio.index]]
    assert less.between(0.77, 1.001).all()
