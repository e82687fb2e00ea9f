"""What the peers' packages do in the industry benchmark, each call in a process of its own. Started by run.py.

usage: python peers.py versions
       python peers.py full PACKAGE INPUT.parquet OUTPUT.parquet      all indicators of every year, written out
       python peers.py agree PACKAGE INPUT.parquet OURS.parquet       largest differences, column by column
       python peers.py rows TABLE.parquet OURS.parquet                candidate cells that a result has, and digests of its text
       python peers.py portfolio INPUT.parquet FOLDER GAIN            econcomplex's portfolios; the problem is written for others to solve

The last line of the output is JSON: CPU seconds of the parts, peak memory after loading, and the findings.
"""

import hashlib
import importlib
import importlib.metadata
import json
import pathlib
import platform
import sys
import time
import warnings

KEYS = ["time", "place", "activity"]
PACKAGES = ["ecomplexity", "econcomplex", "economic-complexity"]


def peak_mib():
    """Peak memory of this process so far (Linux)."""
    status = pathlib.Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def load(path):
    import pandas

    return pandas.read_parquet(path)


def matrix(year):
    """Places by activities, zero where there is no row."""
    return year.pivot(index="place", columns="activity", values="value").fillna(0.0)


def ecomplexity(data):
    import ecomplexity as package

    columns = {"time": "time", "loc": "place", "prod": "activity", "val": "value"}
    return package.ecomplexity(data, columns, check_logsupermodularity=False, verbose=False)


def econcomplex(data):
    from econcomplex.pipeline import compute_complexity

    return compute_complexity(data, {"time": "time", "loc": "place", "act": "activity", "val": "value"})


def economic_complexity(data):
    import economic_complexity as package
    import numpy
    import pandas

    # release 0.3.0 writes the diagonal into DataFrame.values, which pandas 3 gives out read-only; without this it stops there
    fill = numpy.fill_diagonal

    def fill_diagonal(values, *arguments, **options):
        values.flags.writeable = True
        fill(values, *arguments, **options)

    numpy.fill_diagonal = fill_diagonal

    blocks = []
    for period, year in data.groupby("time"):
        rca = package.rca(matrix(year))
        eci, pci = package.complexity(rca)
        near = package.proximity(rca)
        density = package.relatedness(rca, proximities=near)
        gain = package.opportunity_gain(rca, pci=pci, proximities=near)
        cells = {"rca": rca, "mcp": rca.ge(1).astype(int), "density": density, "cog": gain}
        block = pandas.DataFrame({name: table.stack() for name, table in cells.items()}).reset_index()
        block["eci"], block["pci"] = block["place"].map(eci), block["activity"].map(pci)
        block.insert(0, "time", period)
        blocks.append(block)
    return pandas.concat(blocks, ignore_index=True)


IMPORTS = {
    "ecomplexity": ["ecomplexity", "scipy"],
    "econcomplex": ["econcomplex.pipeline", "scipy"],
    "economic-complexity": ["economic_complexity"],
}
CALLS = {"ecomplexity": ecomplexity, "econcomplex": econcomplex, "economic-complexity": economic_complexity}


def versions():
    found = {"python": platform.python_version()}
    for name in [*PACKAGES, "numpy", "pandas", "scipy"]:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = None
    try:
        import numpy  # noqa: F401
        import threadpoolctl

        found["blas"] = "; ".join(
            f"{i['internal_api']} {i['version']} {i.get('architecture')}" for i in threadpoolctl.threadpool_info()
        )
    except ImportError:
        found["blas"] = None
    return found


def full(package, source, target):
    # what the package imports is no part of the call
    for module in IMPORTS[package]:
        importlib.import_module(module)
    data = load(source)
    loaded, peak = time.process_time(), peak_mib()
    result = CALLS[package](data)
    computed = time.process_time()
    result.to_parquet(target, index=False)
    return {
        "load_cpu": loaded,
        "call_cpu": computed - loaded,
        "write_cpu": time.process_time() - computed,
        "peak_loaded": peak,
        "rows": len(result),
    }


def agree(package, source, ours):
    import numpy

    data = load(source)
    started = time.process_time()
    peer = CALLS[package](data)
    cpu = time.process_time() - started
    mine = load(ours)
    peer["time"] = peer["time"].astype(str)
    mine["time"] = mine["time"].astype(str)
    both = mine.merge(peer, on=KEYS, suffixes=("", "_peer"), validate="one_to_one")
    columns = [name for name in mine.columns if f"{name}_peer" in both.columns and name != "value"]
    found = {}
    for name in columns:
        a, b = both[name].to_numpy(dtype=float), both[f"{name}_peer"].to_numpy(dtype=float)
        one_nan = int((numpy.isnan(a) != numpy.isnan(b)).sum())
        known = ~(numpy.isnan(a) | numpy.isnan(b))
        a, b = a[known], b[known]
        difference = numpy.abs(a - b)
        size = numpy.maximum(numpy.abs(a), numpy.abs(b))
        cell = numpy.divide(difference, size, out=numpy.zeros_like(size), where=size > 0)
        found[name] = {
            "absolute": float(difference.max()),
            "of_largest": float(difference.max() / size.max()) if size.max() > 0 else 0.0,
            "relative": float(cell.max()),
            "above": int((cell > 1e-10).sum()),
            "above_largest": float(size[cell > 1e-10].max(initial=0.0)),
            "one_nan": one_nan,
        }
    return {"call_cpu": cpu, "rows": len(both), "rows_ours": len(mine), "rows_peer": len(peer), "columns": found}


def digest(table):
    return hashlib.sha256(table.to_csv(index=False).encode()).hexdigest()


def rows(path, ours):
    table, mine = load(path), load(ours)
    for each in (table, mine):
        each["time"] = each["time"].astype(str)
    lacking = mine[mine["mcp"].astype(float) == 0][KEYS]
    found = table[KEYS].drop_duplicates().merge(lacking, on=KEYS)
    ordered = table.sort_values(KEYS, kind="stable").reset_index(drop=True)
    cells = len(mine[KEYS].drop_duplicates())
    return {
        "rows": len(table),
        "cells": cells,
        "candidates": len(found),
        "candidates_all": len(lacking),
        "as_written": digest(table),
        "sorted": digest(ordered[sorted(ordered.columns)]),
    }


def portfolio(source, folder, gain):
    import numpy
    import pandas
    from econcomplex import optimization

    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    data = load(source)
    started = time.process_time()
    model = optimization.calibrate_steppingstone(data, "place", "activity", "value", "time")
    calibrated = time.process_time()
    table = matrix(data[data["time"] == data["time"].max()])
    forecast = optimization.forecast_specialization(table, model)
    effort = optimization.effort_matrix(table, model)
    pci = forecast["pci"].reindex(table.columns)
    held = forecast["mcp"].mul(pci.notna().astype(float), axis=1)
    target = (forecast["eci"] + float(gain)).reindex(table.index)
    numpy.savetxt(folder / "presence.csv", held.to_numpy(), delimiter=",", fmt="%d")
    numpy.savetxt(folder / "pci.csv", pci.to_numpy(), fmt="%.17g")
    # the package counts an effort below zero as none, so that is the problem both solve
    numpy.savetxt(folder / "effort.csv", effort.clip(lower=0.0).to_numpy(), delimiter=",", fmt="%.17g")
    numpy.savetxt(folder / "target.csv", target.to_numpy(), fmt="%.17g")
    # the deficit of places that are at the target already is not above zero; they need nothing
    (folder / "ready").write_text("")
    begun = time.process_time()
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        chosen = optimization.eci_optimization(table, model, delta_eci=float(gain))
    solved = time.process_time() - begun
    dropped = sum("skipped" in str(w.message) for w in said)
    effort_of = chosen.assign(effort=chosen["effort"].clip(lower=0.0)).groupby("location")["effort"].sum()
    answer = {"calibrate_cpu": calibrated - started, "call_cpu": solved, "dropped": dropped, "answered": len(effort_of)}
    if (solution := folder / "solved.csv").exists():
        solution.unlink()
    pandas.Series(effort_of, name="effort").to_csv(folder / "peer.csv")
    return answer


def main():
    tasks = {"versions": versions, "full": full, "agree": agree, "rows": rows, "portfolio": portfolio}
    if len(sys.argv) < 2 or sys.argv[1] not in tasks:
        sys.exit(__doc__)
    warnings.simplefilter("ignore")
    print("\n" + json.dumps(tasks[sys.argv[1]](*sys.argv[2:])))


if __name__ == "__main__":
    main()
