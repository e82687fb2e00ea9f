"""Measures the error of the estimate that a province's dossier rests on, where a true interregional table exists to check it.

    python data/build/province_method_error.py SOURCE_FOLDER [--program PROGRAM]

For the 8 regions of China (2007) and the 19 regions of Finland (2014) the regions are added up to a national table, the import
content of every region is estimated from it as the dossier does, and the estimate is compared with the interregional table itself.
The computing is done by the program's own code (`crates/chain/examples/province_method_error.rs`), so that what is measured is what
is shown. Writes `data/build/province_method_error.csv`: errors and statistics only. The tables themselves carry no licence that
would allow passing them on and are not part of the workspace.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy
import pandas

FOLDER = Path(__file__).resolve().parent
OUT = FOLDER / "province_method_error.csv"
PROGRAM = ["cargo", "run", "--release", "--quiet", "-p", "xinzhi-chain", "--example", "province_method_error", "--"]
HEADER = ["kind", "from_region", "from_sector", "to_region", "to_sector", "value"]

# The eight regions of the table of the State Information Center. The file names the regions only; which provinces they hold is the
# usual division of that table in the literature, and where Tibet belongs was not verified, so it is in none here.
CHINA_REGIONS = {
    "A": ("northeast", "LN JL HL"),
    "B": ("beijing-tianjin", "BJ TJ"),
    "C": ("north-coast", "HE SD"),
    "D": ("east-coast", "SH JS ZJ"),
    "E": ("south-coast", "FJ GD HI"),
    "F": ("central", "SX HA AH HB HN JX"),
    "G": ("northwest", "NM SN NX GS QH XJ"),
    "H": ("southwest", "SC CQ GX YN GZ"),
}
CHINA_SECTORS = [f"{number:03d}" for number in range(1, 18)]


def main() -> int:
    """Runs both checks and writes the table of errors."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", type=Path, metavar="SOURCE_FOLDER", help="folder that holds one folder a source")
    parser.add_argument("--program", help="the built example; by default cargo builds and runs it")
    arguments = parser.parse_args()
    command = [arguments.program] if arguments.program else PROGRAM
    checks = [
        ("china-8-regions", 2007, china(arguments.source)),
        ("finland-19-regions", 2014, finland(arguments.source)),
    ]
    parts = []
    for check, year, table in checks:
        measured = run(command, table)
        parts.append(statistics(measured).assign(check=check, period=year))
    errors = pandas.concat(parts, ignore_index=True)
    errors = errors[["check", "period", "measure", "statistic", "area", "places", "value", "unit"]]
    errors.to_csv(OUT, index=False, float_format="%.6g", lineterminator="\n")
    shown = errors[errors["area"] == "all"].pivot(index=["check", "measure"], columns="statistic", values="value")
    print(shown.to_string())
    print(f"wrote {OUT}: {len(errors)} rows")
    return 0


def run(command: list[str], table: pandas.DataFrame) -> pandas.DataFrame:
    """Estimate, truth and national figure of every region, from the program."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        table.to_csv(path, index=False, lineterminator="\n")
        output = Path(folder) / "errors.csv"
        with output.open("w", encoding="utf-8") as file:
            subprocess.run([*command, str(path)], stdout=file, check=True)
        return pandas.read_csv(output)


def statistics(measured: pandas.DataFrame) -> pandas.DataFrame:
    """The error of every region, and what they amount to over the regions."""
    provinces = {name: ";".join(f"CN-{code}" for code in codes.split()) for name, codes in CHINA_REGIONS.values()}
    rows = []
    for measure, part in measured.groupby("measure", sort=True):
        unit = "index" if measure.startswith("backward_linkage") else "share"
        error, guess = part["estimate"] - part["truth"], part["national"] - part["truth"]
        for area, value in zip(part["region"], error, strict=True):
            rows.append((measure, "error", area, provinces.get(area, ""), value, unit))
        found = {
            "regions": (len(part), "count"),
            "mean_absolute_error": (error.abs().mean(), unit),
            "median_absolute_error": (error.abs().median(), unit),
            "largest_absolute_error": (error.abs().max(), unit),
            "mean_error": (error.mean(), unit),
            "mean_absolute_error_of_national_figure": (guess.abs().mean(), unit),
        }
        if part["truth"].abs().max() > 0:
            found["mean_truth"] = (part["truth"].mean(), unit)
            ranks = part[["estimate", "truth"]].rank()
            found["rank_correlation"] = (ranks.corr().iloc[0, 1], "correlation")
        rows += [(measure, name, "all", "", float(value), what) for name, (value, what) in found.items()]
    return pandas.DataFrame(rows, columns=["measure", "statistic", "area", "places", "value", "unit"])


def china(source: Path) -> pandas.DataFrame:
    """The table of the State Information Center for 2007: 8 regions, 17 sectors, imported inputs as one row."""
    path = source / "china_mrio_8region_2002_2007" / "china_interregional_io_2002_2007_SIC.xls"
    raw = pandas.read_excel(path, sheet_name="2007-17", header=None)
    codes, columns = raw.iloc[4:, 3].astype(str), raw.iloc[3, 4:].astype(str)
    values = raw.iloc[4:, 4:].apply(pandas.to_numeric, errors="coerce").fillna(0.0).to_numpy(dtype=float)
    table = pandas.DataFrame(values, index=codes, columns=columns)
    industries = [letter + sector for letter in CHINA_REGIONS for sector in CHINA_SECTORS]
    flows, output = table.loc[industries, industries], table.loc[industries, "XX"]
    final = {c: c for c in columns if c[0] == "F" and c[1] in CHINA_REGIONS and not c.endswith("900")}
    assert len(final) == 32, "four columns of final demand for each of eight regions"
    final |= {"STK": "inventories", "EX": "exports", "ERR": "discrepancy"}
    demand = table.loc[industries, list(final)]
    # the table balances by rows and by columns; without that there would be no truth to compare with
    assert (flows.sum(axis=1) + demand.sum(axis=1) - output).abs().max() < 1.0, "rows"
    costs = flows.sum() + table.loc["IM", industries] + table.loc["VA", industries]
    assert (costs - output).abs().max() < 1.0, "columns"
    discrepancy = demand["ERR"].abs().sum() / output.sum()
    print(f"China 2007: the column of discrepancies holds {discrepancy:.1%} of output in absolute value")
    name = {letter: region for letter, (region, _) in CHINA_REGIONS.items()}
    rows = []
    for i in industries:
        rows += [("domestic", name[i[0]], i[1:], name[j[0]], j[1:], flows.at[i, j]) for j in industries]
        rows += [("final", name[i[0]], i[1:], name[i[0]], category, demand.at[i, c]) for c, category in final.items()]
    for j in industries:
        rows.append(("import", "abroad", "all", name[j[0]], j[1:], table.at["IM", j]))
        # the row sum is what the program takes as output, so the rest closes the column against it
        rest = flows.loc[:, j].sum() + table.at["IM", j]
        rows.append(("rest", "none", "rest", name[j[0]], j[1:], flows.loc[j].sum() + demand.loc[j].sum() - rest))
    return pandas.DataFrame(rows, columns=HEADER)


def finland(source: Path) -> pandas.DataFrame:
    """Regional tables of Finland 2014: 19 regions, 30 industries, imports by product.

    What a region buys from other regions and what it delivers to them are known by product, who delivers to whom is not: all uses of
    a product in a region draw on the deliverers alike (Chenery and Moses), and the deliverers' shares are fitted to both totals.
    """
    folder = source / "finland_regional_io_2014"
    own, abroad, elsewhere = (
        pandas.read_csv(folder / f"{name}.csv", sep=";") for name in ("io2014", "io_imp2014", "io_reg2014")
    )
    names = sorted(name for name in own["IND"].unique() if name[:2].isdigit())
    assert len(names) == 30
    code = {name: f"s{number:02d}" for number, name in enumerate(names, start=1)}
    regions = list(dict.fromkeys(own["REG"]))
    assert len(regions) == 19

    def cube(frame: pandas.DataFrame, columns: list[str]) -> numpy.ndarray:
        wide = frame.pivot(index=["REG", "COM"], columns="IND", values="value").fillna(0.0)
        index = pandas.MultiIndex.from_product([regions, names])
        return wide.reindex(index=index, columns=columns).fillna(0.0).to_numpy().reshape(len(regions), 30, len(columns))

    final = ["P3/S14 Kotitalouksien kulutusmenot", "P5 Pääoman bruttomuodostus", "P3/S13 Julkisyhteisöjen kulutusmenot"]
    exported, domestic_export, stocks = (
        "P6K Tavaroiden ja palvelujen vienti",
        "Tavaroiden ja palvelujen vienti kotimaahan",
        "P52 Varastojen muutos",
    )
    at_home = cube(own, names + final + [exported, stocks, domestic_export, "USE_PH Käyttö yhteensä perushintaan"])
    imported = cube(abroad, names)
    bought = cube(elsewhere, [*names, *final, exported])
    delivered = at_home[:, :, 35]
    print(
        f"Finland 2014: regions deliver {delivered.sum():,.0f} to other regions and buy {bought.sum():,.0f} from them (million EUR);"
        f" by product the two differ by {numpy.abs(delivered.sum(axis=0) - bought.sum(axis=(0, 2))).sum() / delivered.sum():.2%}"
    )
    shares = trade_shares(delivered, bought.sum(axis=2))
    # what a region exports of goods bought from other regions is an export of the region that made them
    exports = at_home[:, :, 33] + numpy.einsum("sri,ri->si", shares, bought[:, :, 33])
    rows = []
    output = numpy.zeros((19, 30))
    inputs = numpy.zeros((19, 30))
    for s, origin in enumerate(regions):
        for r, region in enumerate(regions):
            # deliveries to a region's industries: its own, or its purchases from others by the share of the deliverer
            flow = shares[s, r][:, None] * bought[r][:, :30] + (at_home[r][:, :30] if s == r else 0.0)
            demand = shares[s, r][:, None] * bought[r][:, 30:33] + (at_home[r][:, 30:33] if s == r else 0.0)
            output[s] += flow.sum(axis=1) + demand.sum(axis=1)
            inputs[r] += flow.sum(axis=0)
            for i, product in enumerate(names):
                rows += [
                    ("domestic", origin, code[product], region, code[industry], flow[i, j])
                    for j, industry in enumerate(names)
                ]
                rows.append(("final", origin, code[product], region, "home", demand[i].sum()))
        for i, product in enumerate(names):
            rows.append(("final", origin, code[product], origin, "exports", exports[s, i]))
            rows.append(("final", origin, code[product], origin, "inventories", at_home[s, i, 34]))
        output[s] += exports[s] + at_home[s, :, 34]
    gap = numpy.abs(output - at_home[:, :, 36]).sum() / at_home[:, :, 36].sum()
    print(f"Finland 2014: output as the sum of uses differs from the published use by {gap:.2%} in all")
    for r, region in enumerate(regions):
        for j, industry in enumerate(names):
            rows += [
                ("import", "abroad", code[product], region, code[industry], imported[r, i, j])
                for i, product in enumerate(names)
            ]
            rest = output[r, j] - inputs[r, j] - imported[r, :, j].sum()
            rows.append(("rest", "none", "rest", region, code[industry], rest))
    return pandas.DataFrame(rows, columns=HEADER)


def trade_shares(delivered: numpy.ndarray, bought: numpy.ndarray) -> numpy.ndarray:
    """Share of region s in what region r buys of product i from other regions, [s, r, i], by iterative fitting to both totals."""
    shares = numpy.zeros((19, 19, 30))
    for i in range(30):
        columns = bought[:, i]
        rows = delivered[:, i] * (columns.sum() / delivered[:, i].sum())
        flow = numpy.outer(rows, columns)
        numpy.fill_diagonal(flow, 0.0)
        for _ in range(500):
            flow *= divided(rows, flow.sum(axis=1))[:, None]
            flow *= divided(columns, flow.sum(axis=0))[None, :]
        shares[:, :, i] = flow * divided(numpy.ones(19), columns)[None, :]
    return shares


def divided(above: numpy.ndarray, below: numpy.ndarray) -> numpy.ndarray:
    """Quotients, 0 where there is nothing to divide by."""
    return numpy.divide(above, below, out=numpy.zeros_like(above), where=below > 0)


if __name__ == "__main__":
    sys.exit(main())
