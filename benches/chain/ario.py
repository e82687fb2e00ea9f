"""ARIO day by day: BoARIO and this engine in turn, on the same made-up table (no real place) and the same event.

    cargo build --release --workspace --exclude xinzhi-python --example bench_ario
    OPENBLAS_NUM_THREADS=1 RAYON_NUM_THREADS=1 python benches/chain/ario.py REGIONS SECTORS [DAYS_OF_THE_PEER] [SCENARIOS] [nopeer]

Needs BoARIO (measured: 0.7.2; its wheel names no dependencies: pymrio, progressbar2) and numpy. Half the capital of one industry is gone
from day 1 to day 31. BoARIO runs DAYS_OF_THE_PEER days (default 20) and its year is extrapolated from them, which the row says; this
engine runs all 365, as BoARIO computes (`coded`) and as published, and SCENARIOS in a batch (default 100). Prints CPU seconds (user and
system) and peak memory of each process for the part after the table stands in memory, and how far world output differs on the peer's days.
"""

import os
import re
import resource
import subprocess
import sys
import tempfile
import time

import numpy as np


def made_up(regions, sectors):
    """Few large flows and many small ones, larger at home: a shape, not an economy."""
    random = np.random.default_rng(1)
    n = regions * sectors
    home = np.repeat(np.arange(regions), sectors)
    abroad = 0.25 / max(regions - 1, 1)
    z = np.empty((n, n))
    for i in range(n):
        z[i] = random.random(n) ** 3 * np.where(home == home[i], 1.0, abroad)
    y = sectors / 4 * (0.5 + random.random((n, regions))) * np.where(home[:, None] == np.arange(regions), 1.0, abroad)
    return z, y


def peer(directory, regions, sectors, days):
    """Runs in a process of its own."""
    import logging
    import warnings

    import pandas as pd
    import pymrio

    warnings.filterwarnings("ignore")
    from boario.event import from_series
    from boario.extended_models import ARIOPsiModel
    from boario.simulation import Simulation

    logging.disable(logging.CRITICAL)
    os.chdir(directory)
    n = regions * sectors
    # names that sort as they stand
    names = [[f"R{r:03d}" for r in range(regions)], [f"s{s:03d}" for s in range(sectors)]]
    industries = pd.MultiIndex.from_product(names, names=["region", "sector"])
    demand = pd.MultiIndex.from_product([names[0], ["final"]], names=["region", "category"])
    read = lambda name, shape: np.fromfile(f"{directory}/{name}.f64").reshape(shape)
    system = pymrio.IOSystem(
        Z=pd.DataFrame(read("z", (n, n)), index=industries, columns=industries),
        Y=pd.DataFrame(read("y", (n, regions)), index=industries, columns=demand),
    )
    system.x = pymrio.calc_x(system.Z, system.Y)
    system.A = pymrio.calc_A(system.Z, system.x)
    used = lambda: sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    start = used()
    model = ARIOPsiModel(system, productive_capital_to_VA_dict={s: 4 for s in names[1]})
    # the event must end within the run, of which only the first days are made
    simulation = Simulation(model, n_temporal_units_to_sim=max(days, 60))
    impact = pd.Series({industries[4]: 0.5 * model.productive_capital[4]})
    impact.index.names = ["region", "sector"]
    simulation.add_event(
        from_series(impact=impact, event_type="recovery", occurrence=1, duration=30, recovery_tau=1, name="half", event_monetary_factor=10**6)
    )
    built = used() - start
    start = used()
    for _ in range(days):
        simulation.next_step()
    spent = used() - start
    world = simulation.production_realised.sum(axis=1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1048576
    print("output " + " ".join(f"{world[day]:.12e}" for day in range(days)))
    print(f"all after reading {spent:.2f} CPU s for {days} days, {built:.2f} to build, peak {peak:.2f} GB; a year: {built + spent / days * 365:.0f} CPU s (extrapolated)")


def main():
    if sys.argv[1] == "--peer":
        return peer(sys.argv[2], *map(int, sys.argv[3:6]))
    arguments = [a for a in sys.argv[1:] if a != "nopeer"]
    with_peer = "nopeer" not in sys.argv
    regions, sectors = int(arguments[0]), int(arguments[1])
    days = int(arguments[2]) if len(arguments) > 2 else 20
    scenarios = arguments[3] if len(arguments) > 3 else "100"
    root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
    example = os.path.join(os.environ.get("CARGO_TARGET_DIR", os.path.join(root, "target")), "release/examples/bench_ario")
    with open("/proc/cpuinfo") as info:
        processor = next(line.split(":")[1].strip() for line in info if line.startswith("model name"))
    print(f"{processor}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; numpy {np.__version__}")
    print(f"made-up table, {regions} regions x {sectors} sectors, n = {regions * sectors}; half of one industry, 30 days")
    with tempfile.TemporaryDirectory() as directory:
        for name, cells in zip("zy", made_up(regions, sectors)):
            cells.tofile(f"{directory}/{name}.f64")
        del cells
        size = [str(regions), str(sectors)]
        runs = {"BoARIO": [sys.executable, os.path.abspath(__file__), "--peer", directory, *size, str(days)]} if with_peer else {}
        runs["xinzhi as coded"] = [example, *size, "365", "1", "coded", directory]
        runs["xinzhi as published"] = [example, *size, "365", "1", "ario", directory]
        runs["xinzhi pbl"] = [example, *size, "365", "1", "pbl", directory]
        runs[f"xinzhi, {scenarios} scenarios"] = [example, *size, "365", scenarios, "ario", directory]
        expected = None
        for name, command in runs.items():
            load, start = os.getloadavg()[0], time.monotonic()
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                print(f"{name:<24} failed: {(done.stderr or done.stdout).strip().splitlines()[-1:]}")
                continue
            lines = done.stdout.splitlines()
            total = next(line for line in lines if line.startswith("all after reading"))
            path = [float(v) for line in lines if re.search(r"\boutput \d", line) for v in line.split("output ")[1].split()]
            apart = ""
            if name == "BoARIO":
                expected = path
            elif expected and name.startswith("xinzhi as"):
                # the example prints days 0, 1, 5 and the last
                pairs = [(path[k], expected[day]) for k, day in enumerate([0, 1, 5]) if day < len(expected)]
                apart = f", largest difference {max(abs(a - b) / abs(b) for a, b in pairs):.1e}"
            print(f"{name:<24} {total.removeprefix('all after reading ')}, wall {time.monotonic() - start:.1f} s, load {load:.1f}{apart}", flush=True)


main()
