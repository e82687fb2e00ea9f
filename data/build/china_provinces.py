"""Provinces: places, output and customs trade by sector (`province_output_trade`), accounts (`province_accounts`)."""

from __future__ import annotations

from pathlib import Path

import pandas

from checks import expect
from china_places import BY_NAME_EN, CHINA, CODES, PROVINCES
from china_sectors import PROVINCE_SCHEME
from tables import BuildError, Workspace

MEASURES = {
    "gross_output_100m_cny": ("output", "100 million CNY"),
    "exp_total_usd": ("exports", "USD"),
    "imp_total_usd": ("imports", "USD"),
    "imp_intermediate_usd": ("imports_intermediate", "USD"),
    "imp_capital_usd": ("imports_capital", "USD"),
    "imp_consumption_usd": ("imports_consumption", "USD"),
}

# Gross domestic product of the nation (100 million CNY): the balanced provincial accounts add up to it on all three sides.
NATIONAL_GDP = {1997: 79_715, 2002: 121_717, 2007: 270_092, 2012: 538_580, 2017: 832_036}
EXPORTS = {2002: 323.4, 2007: 1_217.9, 2012: 2_045.7, 2017: 2_233.3}  # billion USD

UNIT = "100 million CNY"
# account, item of the source, indicator, direction, English, Chinese
ACCOUNTS = [
    ("expenditure", "hsh_rural", "prov_rural_consumption", 0, "Rural household consumption", "农村居民消费支出"),
    ("expenditure", "hsh_urban", "prov_urban_consumption", 0, "Urban household consumption", "城镇居民消费支出"),
    ("expenditure", "gov", "prov_government_consumption", 0, "Government consumption", "政府消费支出"),
    (
        "expenditure",
        "fixed_capital",
        "prov_fixed_capital_formation",
        0,
        "Gross fixed capital formation",
        "固定资本形成总额",
    ),
    ("expenditure", "inventory", "prov_inventory_change", 0, "Change in inventories", "存货变动"),
    (
        "expenditure",
        "net_provflow",
        "prov_net_domestic_outflow",
        0,
        "Net outflow to other provinces",
        "对国内其他省份净流出",
    ),
    ("expenditure", "export_s", "prov_exports", 0, "Exports (national accounts)", "出口（国民经济核算口径）"),
    ("expenditure", "import_d", "prov_imports", 0, "Imports (national accounts)", "进口（国民经济核算口径）"),
    ("income", "compensation", "prov_labour_compensation", 0, "Compensation of employees", "劳动者报酬"),
    ("income", "net_tax", "prov_net_production_taxes", 0, "Net taxes on production", "生产税净额"),
    ("income", "depreciation", "prov_depreciation", 0, "Depreciation of fixed assets", "固定资产折旧"),
    ("income", "surplus", "prov_operating_surplus", 0, "Operating surplus", "营业盈余"),
    ("production", "va_agr", "prov_value_added_agriculture", 0, "Value added, agriculture", "农林牧渔业增加值"),
    ("production", "va_ind", "prov_value_added_industry", 0, "Value added, industry", "工业增加值"),
    ("production", "va_con", "prov_value_added_construction", 0, "Value added, construction", "建筑业增加值"),
    ("production", "va_whr", "prov_value_added_trade", 0, "Value added, wholesale and retail", "批发和零售业增加值"),
    (
        "production",
        "va_trp",
        "prov_value_added_transport",
        0,
        "Value added, transport, storage and post",
        "交通运输、仓储和邮政业增加值",
    ),
    (
        "production",
        "va_acc",
        "prov_value_added_hospitality",
        0,
        "Value added, accommodation and catering",
        "住宿和餐饮业增加值",
    ),
    ("production", "va_fin", "prov_value_added_finance", 0, "Value added, finance", "金融业增加值"),
    ("production", "va_rst", "prov_value_added_real_estate", 0, "Value added, real estate", "房地产业增加值"),
    ("production", "va_oth", "prov_value_added_other_services", 0, "Value added, other services", "其他服务业增加值"),
]

OUTPUT_NOTE = {
    "en": "Five benchmark years (1997, 2002, 2007, 2012, 2017); the sector list changes with the year: CN40-1997 (codes only),"
    " CN42-2002 (2002 and 2007), CN42-2012, CN42-2017. Output is in 100 million CNY at current prices. Trade is China Customs"
    " trade by province and sector in USD. Exports of 1997 stand in the source at exactly twice the official total; they are"
    " halved here (183 billion USD). Imports leave out re-imports (2007: 870 = 956 - 86 billion USD). Zero trade is not stored:"
    " a missing trade row means zero. Provincial output adds up to more than the national tables in some sectors (log"
    " correlation with the national table of 2017: 0.99).",
    "zh": "五个基准年（1997、2002、2007、2012、2017 年）；部门分类随年份变化：CN40-1997（仅有代码）、CN42-2002（2002、2007 年）、CN42-2012、"
    "CN42-2017。总产出单位为亿元，当年价格；进出口为分省分部门海关数据，单位为美元。源数据中 1997 年出口恰为官方总额的两倍，此处已减半"
    "（1,830 亿美元）。进口不含国货复进口（2007 年：8,700 = 9,560 - 860 亿美元）。零贸易不存储：缺行即为零。部分部门的分省总产出之和高于全国表"
    "（与 2017 年全国表的对数相关系数为 0.99）。",
}
ACCOUNTS_NOTE = {
    "en": "Balanced provincial accounts of five benchmark years, 100 million CNY at current prices. They are the authors' balanced"
    " figures, in which expenditure, income and production agree with each other and the provinces add up to national GDP; they"
    " are not the provincial bureaus' published figures (which add up to another total). prov_gdp is the sum of the income"
    " side; the row of place CHN is national GDP. Imports are stored as positive amounts and enter GDP with a minus. The net"
    " outflow to other provinces may be negative and adds to zero over the provinces.",
    "zh": "五个基准年的分省平衡账户，单位为亿元，当年价格。数据为作者平衡后的结果：支出法、收入法、生产法三者一致，各省合计等于全国 GDP；并非各省"
    "统计局公布数（各省公布数加总不等于全国数）。prov_gdp 为收入法各项之和；CHN 行为全国 GDP。进口以正数存储，计入 GDP 时取负号。对国内其他省份"
    "净流出可为负，各省合计为零。",
}


def build(source: Path, out: Workspace) -> None:
    """Adds the provinces and writes the two tables of the interprovincial database."""
    places(out)
    origin = out.source(
        id="interprovincial_io",
        producer="Authors of the interprovincial input-output database; customs data from China Customs",
        title="An interprovincial input-output database distinguishing firm ownership in China from 1997 to 2017",
        vintage="1997, 2002, 2007, 2012, 2017",
        licence="CC BY 4.0 (Figshare deposit of the paper); none stated in the repository",
        licence_status="expected",
        citation="An interprovincial input-output database distinguishing firm ownership in China from 1997 to 2017, Scientific Data"
        " (2023).",
        url="https://github.com/abumazan/Interprovincial-IO-database (commit 55d7db05b6)",
        done="Provincial output, customs trade and balanced accounts in long form; exports of 1997 halved; shares of foreign firms,"
        " exports by end use and the authors' initial statistics left out.",
    )
    folder = source / "china_ipio_1997_2017"
    output_trade(folder / "province_sector_output_trade_1997_2017.csv.gz", origin, out)
    accounts(folder / "provincial_national_accounts_1997_2017.csv.gz", origin, out)


def places(out: Workspace) -> None:
    """Adds the provinces with every spelling by which they may be asked for."""
    rows = []
    for number, letters, name_en, name_zh, full_zh, full_en in PROVINCES:
        aliases = [full_zh, full_en, number, f"{number}0000", f"CN-{number}", f"CN{letters}"]
        if " " in name_en:
            aliases.append(name_en.replace(" ", ""))
        if letters == "XZ":
            aliases += ["Xizang", "Xizang Autonomous Region"]
        rows.append((f"CN-{letters}", "province", CHINA, name_en, name_zh, ";".join(aliases)))
    frame = pandas.DataFrame(rows, columns=["place", "level", "parent", "name_en", "name_zh", "aliases"])
    assert len(frame) == 31 and frame["place"].is_unique
    note = {
        "en": "Provinces of China: ISO 3166-2 letter codes; aliases hold full names and the codes of GB/T 2260 and of the former ISO"
        " 3166-2. Taiwan, Hong Kong and Macao keep their ISO 3166-1 codes TWN, HKG and MAC.",
        "zh": "中国省级行政区采用 ISO 3166-2 字母代码；别名含全称、GB/T 2260 代码和旧版 ISO 3166-2 数字代码。台湾、香港、澳门采用 ISO 3166-1"
        "代码 TWN、HKG、MAC。",
    }
    out.add("places", frame, note=note)


def provinces_of(names: pandas.Series) -> pandas.Series:
    """Place codes of English province names; fails on an unknown one."""
    codes = names.replace({"InnerMongolia": "Inner Mongolia"}).map(BY_NAME_EN)
    if codes.isna().any():
        raise BuildError(f"unknown province {names[codes.isna()].iloc[0]}")
    return codes


def output_trade(path: Path, origin: str, out: Workspace) -> None:
    """Writes output and customs trade by province and sector."""
    wide = pandas.read_csv(path)
    wide["place"] = provinces_of(wide["province"])
    wide["scheme"] = wide["year"].map(PROVINCE_SCHEME)
    wide["code"] = wide["sector"].map("{:02d}".format)
    for year, sectors in wide.groupby("year")["code"]:
        assert sectors.nunique() == (40 if year == 1997 else 42) and len(sectors) == sectors.nunique() * 31
    doubled = wide["year"] == 1997
    before = wide.loc[doubled, "exp_total_usd"].sum() / 1e9
    expect("exports 1997 as found, bn USD (twice the official 182.8)", before, 2 * 182.8, 2e-3)
    wide.loc[doubled, "exp_total_usd"] /= 2
    by_end_use = wide["imp_intermediate_usd"] + wide["imp_capital_usd"] + wide["imp_consumption_usd"]
    assert ((by_end_use - wide["imp_total_usd"]).abs() <= 1e6).all()
    totals = wide.groupby("year")[["gross_output_100m_cny", "exp_total_usd", "imp_total_usd"]].sum()
    for year, wanted in EXPORTS.items():
        expect(f"exports {year}, bn USD", totals.loc[year, "exp_total_usd"] / 1e9, wanted, 1e-3)
    expect("imports 2007, bn USD", totals.loc[2007, "imp_total_usd"] / 1e9, 870, 1e-3)
    frames = []
    for column, (measure, unit) in MEASURES.items():
        frame = wide[["place", "scheme", "code", "year"]].rename(columns={"year": "period"})
        frame = frame.assign(measure=measure, value=wide[column], unit=unit)
        frames.append(frame if measure == "output" else frame[frame["value"] > 0])
    title = {
        "en": "Output and customs trade by province and sector, 1997-2017",
        "zh": "分省分部门总产出与海关进出口，1997—2017 年",
    }
    table = pandas.concat(frames, ignore_index=True)
    out.write("province_output_trade", "activity", table, title=title, note=OUTPUT_NOTE, sources=[origin])


def accounts(path: Path, origin: str, out: Workspace) -> None:
    """Writes the balanced accounts of the provinces and defines their indicators."""
    long = pandas.read_csv(path)
    nation = long[(long["province"] == "nation") & (long["item"] == "gdp")].set_index("year")["value"]
    long = long[long["account"] != "initial_statistics"].copy()
    assert "nation" not in set(long["province"])
    long["place"] = provinces_of(long["province"])
    sides = long.groupby(["place", "year", "account"])["value"].sum().unstack()
    assert len(sides) == 31 * 5 and sorted({place for place, _ in sides.index}) == CODES
    gap = (sides.max(axis=1) - sides.min(axis=1)) / sides["income"]
    print(f"    the three sides of a province differ by at most {gap.max():.2e} of its GDP")
    assert gap.max() < 1e-3
    for year, wanted in NATIONAL_GDP.items():
        for side in ("expenditure", "income", "production"):
            expect(f"GDP {year} by {side}, 100 million CNY", sides.loc[(slice(None), year), side].sum(), wanted, 1e-4)
        expect(f"national GDP {year}", nation[year], wanted, 1e-4)
    items = {(account, item): indicator for account, item, indicator, *_ in ACCOUNTS}
    found = set(zip(long["account"], long["item"], strict=True))
    assert found == set(items), found ^ set(items)
    long["indicator"] = [items[pair] for pair in zip(long["account"], long["item"], strict=True)]
    imports = long["indicator"] == "prov_imports"
    assert (long.loc[imports, "value"] < 0).all()
    long.loc[imports, "value"] *= -1
    table = long[["place", "indicator", "year", "value"]].rename(columns={"year": "period"})
    gdp = sides["income"].rename("value").reset_index().rename(columns={"year": "period"})
    gdp = gdp.assign(indicator="prov_gdp")[["place", "indicator", "period", "value"]]
    whole = pandas.DataFrame(
        {"place": CHINA, "indicator": "prov_gdp", "period": nation.index, "value": nation.to_numpy()}
    )
    table = pandas.concat([table, gdp, whole], ignore_index=True).assign(unit=UNIT)
    title = {"en": "Balanced accounts of the provinces, 1997-2017", "zh": "分省平衡账户，1997—2017 年"}
    out.write("province_accounts", "indicators", table, title=title, note=ACCOUNTS_NOTE, sources=[origin])
    definitions = [("prov_gdp", "size", 1, "Gross domestic product (balanced accounts)", "地区生产总值（平衡账户）")]
    definitions += [(indicator, "size", direction, en, zh) for _, _, indicator, direction, en, zh in ACCOUNTS]
    frame = pandas.DataFrame(definitions, columns=["indicator", "dimension", "direction", "name_en", "name_zh"])
    out.add("indicator_definitions", frame.assign(unit=UNIT), sources=[origin])
