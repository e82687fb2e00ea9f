"""Footprints of all regions: pymrio's calc_all and this engine in turn, on the same made-up table (no real place).

    cargo build --release --workspace --exclude xinzhi-python --example bench_footprints
    OPENBLAS_NUM_THREADS=1 python benches/chain/footprints.py REGIONS SECTORS [STRESSORS] [METHOD[:RESIDUAL[:WHAT]] ...]

WHAT is imports (the default: D_imp by sector too, as pymrio gives it) or accounts (without it, less work than pymrio does); the METHOD
`nopeer` anywhere leaves pymrio out. Needs pymrio (measured: 0.7.0) and numpy. Prints machine and versions, CPU seconds (user and system) and peak memory of each process
for the part after the table stands in memory, and how far the accounts of region R0 and the sums of M and M_down differ.
"""

import os
import re
import resource
import subprocess
import sys
import tempfile
import time

import numpy as np


def made_up(regions, sectors, stressors):
    """Few large flows and many small ones, larger at home: a shape, not an economy."""
    random = np.random.default_rng(1)
    n = regions * sectors
    home = np.repeat(np.arange(regions), sectors)
    abroad = 0.25 / max(regions - 1, 1)
    z = np.empty((n, n))
    for i in range(n):
        z[i] = random.random(n) ** 3 * np.where(home == home[i], 1.0, abroad)
    y = sectors / 4 * (0.5 + random.random((n, regions))) * np.where(home[:, None] == np.arange(regions), 1.0, abroad)
    f = 10 * random.random((stressors, n))
    return z, y, f


def peer(directory, regions, sectors, stressors):
    """Runs in a process of its own."""
    import pandas as pd
    import pymrio

    n = regions * sectors
    read = lambda name, shape: np.fromfile(f"{directory}/{name}.f64").reshape(shape)
    industries = pd.MultiIndex.from_product([[f"R{r}" for r in range(regions)], [f"s{s}" for s in range(sectors)]], names=["region", "sector"])
    demand = pd.MultiIndex.from_product([[f"R{r}" for r in range(regions)], ["final"]], names=["region", "category"])
    rows = [f"stressor {k}" for k in range(stressors)]
    system = pymrio.IOSystem(
        Z=pd.DataFrame(read("z", (n, n)), index=industries, columns=industries),
        Y=pd.DataFrame(read("y", (n, regions)), index=industries, columns=demand),
    )
    system.made_up = pymrio.Extension(
        "made up", F=pd.DataFrame(read("f", (stressors, n)), index=rows, columns=industries), unit=pd.DataFrame({"unit": "u"}, index=rows)
    )
    used = lambda: sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    start = used()
    system.calc_all()
    spent = used() - start
    accounts = system.made_up
    for k in range(min(2, stressors)):
        cba, imp = accounts.D_cba_reg.iloc[k, 0], accounts.D_imp_reg.iloc[k, 0]
        print(f"stressor {k}: D_cba of R0 {cba:.12e}, D_imp of R0 {imp:.12e}, sum of M {accounts.M.iloc[k].sum():.12e}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1048576
    print(f"all after reading {spent:.2f} CPU s peak {peak:.2f} GB")


def main():
    if sys.argv[1] == "--peer":
        return peer(sys.argv[2], *map(int, sys.argv[3:6]))
    regions, sectors = int(sys.argv[1]), int(sys.argv[2])
    stressors = int(sys.argv[3]) if len(sys.argv) > 3 else 9
    methods = sys.argv[4:] or ["lu", "lu_single", "iterative"]
    with_peer = "nopeer" not in methods
    methods = [method for method in methods if method != "nopeer"]
    root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
    example = os.path.join(os.environ.get("CARGO_TARGET_DIR", os.path.join(root, "target")), "release/examples/bench_footprints")
    with open("/proc/cpuinfo") as info:
        processor = next(line.split(":")[1].strip() for line in info if line.startswith("model name"))
    import importlib.metadata

    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in ("pymrio", "numpy", "pandas"))
    print(f"{processor}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; {versions}")
    print(f"made-up table, {regions} regions x {sectors} sectors, n = {regions * sectors}, {stressors} stressors")
    number = r"[-+0-9.]+(?:e[-+]?\d+)?"
    with tempfile.TemporaryDirectory() as directory:
        for name, cells in zip("zyf", made_up(regions, sectors, stressors)):
            cells.tofile(f"{directory}/{name}.f64")
        del cells
        size = [str(regions), str(sectors), str(stressors)]
        runs = {"pymrio calc_all": [sys.executable, __file__, "--peer", directory, *size]} if with_peer else {}
        for method in methods:
            name, accuracy, what = (method.split(":") + ["", ""])[:3]
            runs[f"xinzhi {method}"] = [example, *size, name, what or "imports", accuracy or "1e-12", directory]
        expected = None
        for name, command in runs.items():
            load = os.getloadavg()[0]
            start = time.monotonic()
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                print(f"{name:<20} failed: {(done.stderr or done.stdout).strip().splitlines()[-1:]}")
                continue
            total = [line for line in done.stdout.splitlines() if line.startswith("all after reading")][0]
            accounts = [line for line in done.stdout.splitlines() if line.startswith("stressor")]
            found = [float(v) for line in accounts for v in re.findall(rf"(?:R0|M) ({number})", line)]
            expected = expected or found
            apart = max(abs(a - b) / abs(b) for a, b in zip(found, expected))
            wall = time.monotonic() - start
            print(f"{name:<28} {' '.join(total.split()[3:])}, wall of the process {wall:.1f} s, load {load:.1f}, largest difference {apart:.1e}", flush=True)


main()
