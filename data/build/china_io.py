"""National input-output tables of China with domestic and imported inputs apart: `io_cn42_YYYY`."""

from __future__ import annotations

from pathlib import Path

import numpy
import pandas

import rfiles
from checks import expect
from china_places import CHINA
from tables import Workspace

VALUE_ADDED = {2017: 82.32, 2018: 92.21, 2020: 101.64}  # trillion CNY
CODES = [f"{code:02d}" for code in range(1, 43)]
# Columns of final demand in the source: total consumption, fixed capital, inventories, exports.
FINAL_DEMAND = {
    "TC": "final_consumption",
    "FU201": "fixed_capital_formation",
    "FU202": "inventory_change",
    "EX": "exports",
}
VALUE_ADDED_ROWS = {
    "VA001": "labour_compensation",
    "VA002": "net_production_taxes",
    "VA003": "depreciation",
    "VA004": "operating_surplus",
}

NOTE = {
    "en": "10,000 CNY, current prices, 42 sectors (scheme CN42-2017). Rows of kind `domestic` are deliveries of domestic output,"
    " rows of kind `import` are imported inputs by the sector to which the good belongs; x of an import row is total imports of"
    " that good. Columns of final demand: final consumption (households and government together), fixed capital, change in"
    " inventories (may be negative), exports (in import rows: imported goods exported again). Value added: compensation of"
    " employees, net production taxes (may be negative), depreciation, operating surplus. Domestic rows and columns balance"
    " exactly. NBS publishes these figures without an open licence statement.",
    "zh": "单位为万元，当年价格，42 个部门（分类 CN42-2017）。domestic 行为国内产品的投入与使用，import 行为按产品所属部门列示的进口品投入；import 行的"
    " x 为该类产品进口总额。最终使用列：最终消费（居民与政府合计）、固定资本形成、存货变动（可为负）、出口（import 行中为进口品再出口）。增加值各行："
    "劳动者报酬、生产税净额（可为负）、固定资产折旧、营业盈余。国内行与列完全平衡。国家统计局公布该数据时未作开放许可声明。",
}


def build(source: Path, out: Workspace) -> None:
    """Writes one table a year."""
    origin = out.source(
        id="nbs_io_42",
        producer="National Bureau of Statistics of China",
        title="National input-output tables of China, 42 sectors, domestic and imported inputs apart",
        vintage="2017, 2018, 2020",
        licence="GPL-3 or later (R package ionet, from which this copy comes); NBS figures carry no open licence statement",
        licence_status="stated",
        citation="National Bureau of Statistics of China, Input-Output Tables of China 2017, 2018, 2020.",
        url="https://github.com/Carol-seven/ionet (commit 51145dcab4)",
        done="Domestic, import and value-added rows taken as they are; subtotals left out.",
    )
    for year in VALUE_ADDED:
        build_year(source / "china_national_io" / f"china_{year}_42.rda", year, origin, out)


def build_year(path: Path, year: int, origin: str, out: Workspace) -> None:
    """Writes the table of one year after checking that it balances."""
    table = rfiles.read_one(path).reset_index(drop=True)
    origins = ["Domestic"] * 42 + ["Imports"] * 42 + ["TOT"] * 7
    assert list(table["Origin"].astype(str)) == origins
    assert list(table["Code"].astype(str)) == CODES * 2 + ["TII", *VALUE_ADDED_ROWS, "TVA", "TI"]
    flows = table[CODES].to_numpy(dtype=float)
    final = table[list(FINAL_DEMAND)].to_numpy(dtype=float)[:84]
    output = table["GO"].to_numpy(dtype=float)
    domestic, imported, added = flows[:42], flows[42:84], flows[85:89]
    scale = output[:42].max()
    for what, error in (
        ("domestic rows", domestic.sum(axis=1) + final[:42].sum(axis=1) - output[:42]),
        ("import rows", imported.sum(axis=1) + final[42:].sum(axis=1) - output[42:84]),
        ("columns", domestic.sum(axis=0) + imported.sum(axis=0) + added.sum(axis=0) - output[:42]),
        ("total inputs", flows[90] - output[:42]),
    ):
        print(f"    {year} {what}: largest gap {numpy.abs(error).max():.1e}")
        assert numpy.abs(error).max() < 1e-9 * scale
    assert domestic.min() >= 0 and imported.min() >= 0
    expect(f"value added {year}, trn CNY", added.sum() / 1e8, VALUE_ADDED[year], 1e-4)
    imports = output[42:84].sum() / 1e8
    print(
        f"    {year}: imports {imports:.2f} trn CNY, imported share of intermediate inputs"
        f" {imported.sum() / (domestic.sum() + imported.sum()):.2%}"
    )
    nothing = [0.0] * len(FINAL_DEMAND)
    rows = [("domestic", code, domestic[i], final[i], output[i]) for i, code in enumerate(CODES)]
    rows += [("import", code, imported[i], final[42 + i], output[42 + i]) for i, code in enumerate(CODES)]
    rows += [("value_added", name, added[i], nothing, None) for i, name in enumerate(VALUE_ADDED_ROWS.values())]
    frame = pandas.DataFrame(rows, columns=["kind", "sector", "z", "y", "x"]).assign(region=CHINA, unit="10,000 CNY")
    out.write(
        f"io_cn42_{year}",
        "io",
        frame,
        title={
            "en": f"Input-output table of China {year}, 42 sectors, domestic and imported inputs apart",
            "zh": f"{year} 年中国投入产出表，42 个部门，区分国内品与进口品",
        },
        note=NOTE,
        sources=[origin],
        metadata={
            "xinzhi.table": "cn42",
            "xinzhi.period": str(year),
            "xinzhi.columns": [(CHINA, code) for code in CODES],
            "xinzhi.final_demand": [(CHINA, category) for category in FINAL_DEMAND.values()],
        },
        scheme="CN42-2017",
    )
