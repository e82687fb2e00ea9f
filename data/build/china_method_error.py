"""The error of the estimates that a province's dossier rests on: `province_method_error`.

The numbers are in `province_method_error.csv`, written by `province_method_error.py` from two interregional tables that carry no
licence to pass them on; only errors and statistics of errors are here.
"""

from __future__ import annotations

from pathlib import Path

import pandas

from checks import expect
from tables import BUILD_FOLDER, Workspace

NOTE = {
    "en": "Estimate less truth, in shares of output or exports (0.01 is one percentage point) or in points of the output multiplier. The"
    " estimate weights the sum of the regions, seen as a national table, with a region's own output or exports by sector; the truth is"
    " the region's own in the interregional table. Checks: the 8 regions of China 2007 (17 sectors; imported inputs are known by user,"
    " not by product; a column of discrepancies holds 7 % of output) and the 19 regions of Finland 2014 (30 industries; what a region buys"
    " from others is known by product, not by region of origin, and is spread over the deliverers). Rows of `area` all are statistics over"
    " the regions; `mean_absolute_error_of_national_figure` is the error of giving every region the nation's figure."
    " `misplaced_products` is half the sum of differences between estimated and true shares of imported products.",
    "zh": "估计值减真实值，单位为占产出或出口的份额（0.01 即 1 个百分点）或产出乘数的点数。估计值以各区域加总的全国表为基础、按区域自身的分部门产出或出口加权；"
    "真实值取自区域间投入产出表。检验对象：中国 8 区域 2007 年表（17 部门；进口投入只分使用部门、不分产品；误差项列占产出的 7%）和芬兰 19 个地区 2014 年表"
    "（30 行业；从其他地区的购入只分产品、不分来源地区，按供应方分摊）。`area` 为 all 的行是各区域的统计量；"
    "`mean_absolute_error_of_national_figure` 为对所有区域一律采用全国数值时的误差；`misplaced_products` 为进口产品份额的估计值与真实值之差的绝对值合计的一半。",
}


def build(source: Path, out: Workspace) -> None:
    """Writes the table of errors."""
    del source  # the errors were computed apart, see province_method_error.py
    errors = pandas.read_csv(BUILD_FOLDER / "province_method_error.csv", dtype={"places": "string"})
    errors["places"] = errors["places"].astype(object).where(errors["places"].notna(), None)
    counts = errors[(errors["statistic"] == "regions") & (errors["measure"] == "import_content_of_output")]
    expect("regions of China and Finland", counts["value"].sum(), 27, 0)
    checks = [
        out.source(
            id="sic_8_regions_2007",
            producer="State Information Center of China",
            title="Interregional input-output tables of China 2002 and 2007, 8 regions, 17 sectors",
            vintage="2007, published 2012",
            licence="none stated; the table itself is not part of this workspace",
            licence_status="stated",
            citation="State Information Center (2012), Interregional Input-Output Tables of China 2002 and 2007.",
            url="https://github.com/zhangda1021/ChinaBalancedSAM4 (commit 489d16c4f4)",
            done="Errors of the estimate of regional import content computed against the table; the errors only are stored.",
        ),
        out.source(
            id="finland_regions_2014",
            producer="VTT; Pellervo Economic Research (PTT), Finland",
            title="Regional input-output tables of Finland 2014, 19 regions, 30 industries",
            vintage="2014",
            licence="none stated; the tables themselves are not part of this workspace",
            licence_status="stated",
            citation="Regional input-output tables of Finland 2014, data of the R package alta.",
            url="https://github.com/pttry/alta (commit 5a2f91d632)",
            done="Errors of the estimate of regional import content computed against the tables; the errors only are stored.",
        ),
    ]
    out.write(
        "province_method_error",
        "method_error",
        errors,
        title={
            "en": "Error of the estimates of a province's chains, measured on two interregional tables",
            "zh": "省份产业链估计方法的误差（以两张区域间投入产出表检验）",
        },
        note=NOTE,
        sources=checks,
    )
