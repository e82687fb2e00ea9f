"""The benchmark of the industry layer: the peers' packages and Xinzhi in turn, on the same SYNTHETIC data, on this machine.

usage: python benches/industry/run.py --cache FOLDER [--program target/release/xinzhi] [--peers PYTHON] [--quick] [--only NAME ...]

Prints markdown: the machine, the sizes, the versions, CPU seconds (user and system, of the child process, as the kernel counts them at its
end) and peak memory. README.md beside this file says what each row is and how to install the peers. Needs no package itself.
"""

import argparse
import datetime
import hashlib
import json
import os
import pathlib
import platform
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
KEYS = ["--time", "time", "--place", "place", "--activity", "activity", "--value", "value"]
PACKAGES = ["ecomplexity", "econcomplex", "economic-complexity"]
DOES = {
    "ecomplexity": "all but fitness and distance",
    "econcomplex": "all but fitness; rows of the input only",
    "economic-complexity": "20 reflections, density, gain; no COI",
}
MIB = 1024.0


class Run:
    """What a child process used and said."""

    def __init__(self, command, environment=None, limit=None):
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            started = time.monotonic()
            child = subprocess.Popen([str(c) for c in command], stdout=out, stderr=err, env=environment, start_new_session=True)
            self.late = False

            def stop():
                self.late = True
                os.killpg(child.pid, signal.SIGKILL)

            timer = threading.Timer(limit, stop) if limit else None
            if timer:
                timer.start()
            _, status, used = os.wait4(child.pid, 0)
            if timer:
                timer.cancel()
            child.returncode = os.waitstatus_to_exitcode(status)
            self.wall = time.monotonic() - started
            out.seek(0)
            err.seek(0)
            self.out, self.err = out.read().decode(errors="replace"), err.read().decode(errors="replace")
        self.code = child.returncode
        self.cpu = used.ru_utime + used.ru_stime
        self.peak = used.ru_maxrss / MIB

    @property
    def ok(self):
        return self.code == 0 and not self.late

    @property
    def trouble(self):
        if self.late:
            return f"stopped at the limit, {self.wall:.0f} s"
        lines = [line for line in self.err.splitlines() if line.strip()]
        return f"failed ({self.code}): {lines[-1][:120] if lines else 'no message'}"

    def json(self):
        return json.loads(self.out.strip().splitlines()[-1])


def say(text):
    print(f"{datetime.datetime.now():%H:%M:%S} {text}", file=sys.stderr, flush=True)


def table(head, rows):
    print("| " + " | ".join(head) + " |")
    print("|" + " --- |" * len(head))
    for row in rows:
        print("| " + " | ".join("" if cell is None else str(cell) for cell in row) + " |")
    print(flush=True)


def seconds(value):
    return None if value is None else f"{value:.3g}" if value < 1 else f"{value:.2f}" if value < 100 else f"{value:.0f}"


def mib(value):
    return None if value is None else f"{value:.0f}"


def within(value, bar):
    return None if value is None else "yes" if value <= bar else "**no**"


def sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


class Bench:
    def __init__(self, options):
        self.options = options
        self.cache = options.cache
        self.program = options.program.resolve()
        self.examples = self.program.parent / "examples"
        # Peers run on one BLAS thread and on the BLAS kernel of this processor: two threads cost them several times the CPU seconds
        self.environment = {k: v for k, v in os.environ.items() if k not in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")}
        self.environment["OPENBLAS_NUM_THREADS"] = "1"
        self.versions = {}
        if options.peers:
            run = Run([options.peers, HERE / "peers.py", "versions"], self.environment)
            self.versions = run.json() if run.ok else {}
        self.times = []
        self.agreements = []

    # what is run

    def input(self, name):
        path = self.cache / f"{name}.parquet"
        if not path.exists():
            if not self.options.peers:
                raise SystemExit(f"{path} is missing; make it with panel.py (needs numpy and pyarrow) or give --peers")
            say(f"panel {name}")
            run = Run([self.options.peers, HERE / "panel.py", self.cache, name, *(["--quick"] if self.options.quick else [])])
            if not run.ok:
                raise SystemExit(f"panel.py: {run.trouble}")
        return path

    def shape(self, name):
        self.input(name)
        return json.loads((self.cache / f"{name}.json").read_text())

    def size(self, name):
        s = self.shape(name)
        return f"{s['places']} x {s['activities']:,} x {s['years']} ({s['rows']:,} rows)"

    def peer(self, *arguments, threads=1):
        environment = {**self.environment, "OPENBLAS_NUM_THREADS": str(threads)}
        say("peers.py " + " ".join(pathlib.Path(str(a)).name for a in arguments))
        return Run([self.options.peers, HERE / "peers.py", *arguments], environment, self.options.limit)

    def missing(self, package):
        if not self.options.peers:
            return "no --peers given"
        return None if self.versions.get(package) else "not installed"

    def ours(self, name, target, *more, form="parquet", repeat=1, source=None):
        """The median run by CPU seconds."""
        command = [self.program, "industry", "complexity", "--input", source or self.input(name), *KEYS, "--format", form, *more]
        say(f"xinzhi {name} {' '.join(str(m) for m in more)}")
        runs = sorted((Run([*command, "--out", target]) for _ in range(repeat)), key=lambda run: run.cpu)
        return runs[len(runs) // 2]

    def loading(self, name):
        """Peak memory and CPU seconds of reading the table alone: the rows asked for do not exist, which is found out after reading."""
        run = self.ours(name, self.cache / "nothing", "--what", "nothing", repeat=self.options.repeat)
        return run if run.code != 0 and "proximity" in run.err else None

    def full_set(self, *sizes):
        """In our process: CPU seconds of the computation and peak memory over its input, median by CPU seconds."""
        example = self.examples / "full_set"
        if not example.exists():
            return None
        say(f"full_set {' '.join(map(str, sizes))}")
        found = []
        for _ in range(self.options.repeat):
            run = Run([example, *sizes])
            numbers = re.search(r": ([\d.]+) CPU s, ([\d.]+) MiB over the input", run.out)
            replicates = re.search(r"replicates: ([\d.]+) CPU s", run.out)
            if run.ok and numbers:
                found.append((float(numbers[1]), float(numbers[2]), float(replicates[1]) if replicates else None))
        return sorted(found)[len(found) // 2] if found else None

    # speed and memory

    def time_row(self, what, who, cpu=None, call=None, wall=None, peak=None, over=None, note=None):
        self.times.append([what, who, seconds(cpu), seconds(call), seconds(wall), mib(peak), mib(over), note])

    def time_peers(self, what, name, packages):
        for package in packages:
            who = f"{package} {self.versions.get(package) or ''}".strip()
            if reason := self.missing(package):
                self.time_row(what, who, note=reason)
                continue
            run = self.peer("full", package, self.input(name), self.cache / f"{name}.{package}.parquet")
            if not run.ok:
                self.time_row(what, who, note=run.trouble)
                continue
            said = run.json()
            over = run.peak - said["peak_loaded"]
            note = f"{DOES[package]}; {said['rows']:,} rows out"
            self.time_row(what, who, run.cpu, said["call_cpu"], run.wall, run.peak, over, note)
            yield said["call_cpu"]

    def time_ours(self, what, name, bar_cpu, bar_memory):
        repeat = self.options.repeat
        base = self.loading(name)
        run = self.ours(name, self.cache / f"{name}.ours.parquet", repeat=repeat)
        # all cells are computed for this too, but only one row a place is written
        few = self.ours(name, self.cache / f"{name}.places.csv", "--what", "places", form="csv", repeat=repeat)
        if not run.ok or not few.ok:
            self.time_row(what, "xinzhi, read + compute + write", note=(run if not run.ok else few).trouble)
            return
        call = few.cpu - base.cpu if base else None
        over = run.peak - base.peak if base else None
        s = self.shape(name)
        rows = s["places"] * s["activities"] * s["years"]
        note = f"all with fitness to convergence; {rows:,} rows out; bars: {bar_cpu:g} s whole {within(run.cpu, bar_cpu)}, computing "
        note += f"{within(call, bar_cpu) or 'unknown'}; {bar_memory} MiB {within(over, bar_memory) or 'unknown'}"
        if base:
            note += f"; reading {seconds(base.cpu)} s, writing {seconds(run.cpu - few.cpu)} s"
        self.time_row(what, "xinzhi, read + compute + write", run.cpu, call, run.wall, run.peak, over, note)
        found = self.full_set(s["places"], s["activities"], s["years"])
        if found is None:
            self.time_row(what, "xinzhi, in process (full_set)", note="example not built")
            return
        note = f"bars: {bar_cpu:g} s {within(found[0], bar_cpu)}, {bar_memory} MiB {within(found[1], bar_memory)}; the example's own panel"
        self.time_row(what, "xinzhi, in process (full_set)", call=found[0], over=found[1], note=note)

    def full(self):
        what = f"full set, {self.size('hs4')}"
        list(self.time_peers(what, "hs4", PACKAGES))
        self.time_ours(what, "hs4", 1.0, 150)

    def hs6_year(self):
        what = f"full set, {self.size('hs6_year')}"
        self.per_year = list(self.time_peers(what, "hs6_year", ["ecomplexity", "economic-complexity"]))
        self.time_ours(what, "hs6_year", 1.0, 200)

    def hs6(self):
        what = f"full set, {self.size('hs6')}"
        years = self.shape("hs6")["years"]
        if getattr(self, "per_year", None) and self.versions.get("ecomplexity"):
            cpu = self.per_year[0] * years
            self.time_row(what, "ecomplexity", call=cpu, note=f"**extrapolated**: {years} times its one year above, not run")
        else:
            self.time_row(what, "ecomplexity", note="not run and not extrapolated: its one year (row hs6_year) was not run")
        self.time_ours(what, "hs6", 25.0, 500)

    def bootstrap(self):
        replicates = 100 if self.options.quick else 1000
        s = self.shape("hs4_year")
        what = f"{replicates:,} bootstrap replicates of ECI, {s['places']} x {s['activities']:,}"
        self.time_row(what, "peers", note="none has it")
        target = self.cache / "bootstrap.csv"
        run = self.ours("hs4_year", target, "--what", "places", "--bootstrap", replicates, form="csv", repeat=self.options.repeat)
        who = "xinzhi, read + compute + write"
        note = f"bar 15 s: {within(run.cpu, 15.0)}" if run.ok else run.trouble
        self.time_row(what, who, run.cpu if run.ok else None, None, run.wall, run.peak, None, note)
        if (found := self.full_set(s["places"], s["activities"], 1, replicates)) and found[2] is not None:
            note = f"bar 15 s: {within(found[2], 15.0)}; the example's own panel"
            self.time_row(what, "xinzhi, in process (full_set)", call=found[2], note=note)

    # agreement

    def agreement(self):
        for package, convention, bar in (("ecomplexity", "py-ecomplexity", 1e-10), ("economic-complexity", "oec", None)):
            name = "hs4_year"
            target = self.cache / f"agree.{convention}.parquet"
            run = self.ours(name, target, "--convention", convention)
            if not run.ok or (reason := self.missing(package)):
                reason = run.trouble if not run.ok else reason
                self.agreements.append([f"{package} / --convention {convention}", None, None, None, None, reason])
                continue
            peer = self.peer("agree", package, self.input(name), target)
            if not peer.ok:
                self.agreements.append([f"{package} / --convention {convention}", None, None, None, None, peer.trouble])
                continue
            said = peer.json()
            for column, found in said["columns"].items():
                note = f"{found['one_nan']} cells NaN in one only" if found["one_nan"] else None
                if convention == "oec" and column in ("eci", "pci", "cog"):
                    note = "20 reflections leave little of the spread, so rounding grows"
                if bar:
                    verdict = f"bar {bar:g}: {within(found['of_largest'], bar)}"
                    if found["above"]:
                        verdict += f" by the column's scale; {found['above']} of {said['rows']:,} cells are further apart by their own, "
                        verdict += f"all below {found['above_largest']:.0e}, where sums cancel"
                    note = "; ".join(filter(None, [verdict, note]))
                shown = [f"{found[k]:.1e}" for k in ("absolute", "of_largest", "relative")]
                who = f"{package} {self.versions[package]} / --convention {convention}"
                self.agreements.append([who, column, *shown, note])

    def print_agreement(self):
        print(f"### Agreement, {self.size('hs4_year')}\n")
        head = ["peer / ours", "column", "largest difference", "over the column's largest", "largest relative, cell by cell", "note"]
        table(head, self.agreements)
        print("The Growth Lab's 18 Stata fixtures are a test of the library: `cargo test -p xinzhi-complexity --test growth_lab_stata`.\n")

    # portfolios

    def portfolios(self):
        rows = []
        for gain in ("0.02", "0.1"):
            what = f"portfolios of 230 places, ECI + {gain}"
            reason = self.missing("econcomplex")
            example = self.examples / "diversification_timing"
            if self.options.quick:
                reason = "left out by --quick: the example that solves has one size"
            elif not example.exists():
                reason = "example diversification_timing not built"
            if reason:
                rows.append([what, "econcomplex", None, None, None, None, reason])
                continue
            folder = self.cache / f"portfolio_{gain}"
            if (folder / "ready").exists():
                (folder / "ready").unlink()
            peer = self.peer("portfolio", self.input("hs4"), folder, gain)
            who = f"econcomplex {self.versions['econcomplex']} (HiGHS)"
            efforts = {}
            if peer.ok:
                said = peer.json()
                note = f"calibration {seconds(said['calibrate_cpu'])} s besides; gives no bound"
                rows.append([what, who, seconds(said["call_cpu"]), said["answered"], said["dropped"], None, note])
                for line in (folder / "peer.csv").read_text().splitlines()[1:]:
                    place, effort = line.split(",")
                    efforts[int(place[1:])] = float(effort)
            else:
                note = f"{peer.trouble}; {seconds(peer.cpu)} CPU s by then"
                rows.append([what, who, None, None, None, None, note])
            if not (folder / "ready").exists():
                rows.append([what, "xinzhi", None, None, None, None, "the peer did not get as far as the problem"])
                continue
            say(f"diversification_timing --solve {folder.name}")
            environment = {**os.environ, "RAYON_NUM_THREADS": "1"}
            runs = [Run([example, "--solve", folder], environment) for _ in range(self.options.repeat)]
            if not all(run.ok for run in runs):
                rows.append([what, "xinzhi", None, None, None, None, next(run.trouble for run in runs if not run.ok)])
                continue
            cpu = statistics.median(float(re.search(r"numbers read\s+([\d.]+) CPU s", run.out)[1]) for run in runs)
            lines = [line.split(",") for line in (folder / "solved.csv").read_text().splitlines()]
            at = {name: i for i, name in enumerate(lines[0])}
            solved = lines[1:]
            count = {}
            for line in solved:
                count[line[at["outcome"]]] = count.get(line[at["outcome"]], 0) + 1
            gap = max(float(line[at["gap"]]) for line in solved)
            worse = better = 0
            apart = 0.0
            for place, effort in efforts.items():
                mine = re.search(r"[-\d.e]+", solved[place][at["effort"]])
                if mine is None:
                    continue
                difference = (float(mine[0]) - effort) / max(effort, 1e-12)
                worse += difference > 1e-9
                better += difference < -1e-9
                apart = max(apart, abs(difference))
            outcomes = ", ".join(f"{n} {name}" for name, n in sorted(count.items()))
            note = f"{outcomes}; bars 1 s: {within(cpu, 1.0)}, none dropped: {'yes' if len(solved) == 230 else '**no**'}, gap 0: "
            note += within(gap, 0.0)
            if efforts:
                note += f"; effort against the peer's where both answer: equal to {apart:.0e}, {better} places less, {worse} more"
            rows.append([what, "xinzhi", seconds(cpu), len(solved), 230 - len(solved), f"{gap:g}", note])
        print("### Portfolios, the problem econcomplex derives from the full panel\n")
        table(["what", "who", "CPU s of solving", "places answered", "dropped", "largest gap", "note"], rows)

    # candidates

    def coverage(self):
        rows = []
        target = self.cache / "sparse.ours.parquet"
        run = self.ours("sparse", target)
        results = [("xinzhi", run, target)]
        for package in PACKAGES:
            reason = self.missing(package)
            path = self.cache / f"sparse.{package}.parquet"
            peer = None if reason else self.peer("full", package, self.input("sparse"), path)
            results.append((f"{package} {self.versions.get(package) or ''}".strip(), peer, reason or path))
        for who, run, path in results:
            if run is None or not run.ok:
                rows.append([who, None, None, None, path if run is None else run.trouble])
                continue
            if not self.options.peers:
                rows.append([who, None, None, None, "counting needs --peers (pandas)"])
                continue
            said = self.peer("rows", path, target).json()
            part = said["candidates"] / said["candidates_all"]
            cells = f"{said['rows']:,} of {said['cells']:,}"
            candidates = f"{said['candidates']:,} of {said['candidates_all']:,}"
            note = f"bar 100 %: {'yes' if part == 1.0 else '**no**'}" if who == "xinzhi" else None
            rows.append([who, cells, candidates, f"{100 * part:.0f} %", note])
        print(f"### Candidate cells returned, {self.size('sparse')}\n")
        print("A candidate is a cell the place does not have (RCA below 1).\n")
        table(["who", "rows of all cells", "candidates", "part", "note"], rows)

    # bytes

    def bytes(self):
        rows = []
        for label, more in (("cells", []), ("places with 200 replicates", ["--what", "places", "--bootstrap", 200])):
            digests = []
            for name, threads in (("hs4_year", 1), ("hs4_year", 2), ("hs4_year", 8), ("hs4_shuffled", 1), ("hs4_shuffled", 8)):
                target = self.cache / "bytes.csv"
                run = self.ours(name, target, *more, "--threads", threads, form="csv")
                digests.append(sha256(target)[:12] if run.ok else run.trouble)
            same = "identical" if len(set(digests)) == 1 else "**differ**: " + ", ".join(digests)
            rows.append(["xinzhi, CSV of " + label, "1, 2 and 8 threads; shuffled on 1 and 8", same, digests[0]])
        for package in PACKAGES:
            who = f"{package} {self.versions.get(package) or ''}".strip()
            if reason := self.missing(package):
                rows.append([who, None, reason, None])
                continue
            found = {}
            for label, name, threads in (("1", "hs4_year", 1), ("2", "hs4_year", 2), ("shuffled", "hs4_shuffled", 1)):
                path = self.cache / f"bytes.{package}.parquet"
                run = self.peer("full", package, self.input(name), path, threads=threads)
                found[label] = self.peer("rows", path, path).json() if run.ok else {"as_written": run.trouble, "sorted": run.trouble}

            def differ(a, b, key, found=found):
                return "identical" if found[a][key] == found[b][key] else "**differ**"

            rows.append([who, "1 and 2 BLAS threads", differ("1", "2", "as_written"), found["1"]["as_written"][:12]])
            shuffled = f"as written {differ('1', 'shuffled', 'as_written')}; rows sorted afterwards {differ('1', 'shuffled', 'sorted')}"
            rows.append([who, "shuffled", shuffled, found["shuffled"]["as_written"][:12]])
        print(f"### Bytes of the output, {self.size('hs4_year')}\n")
        table(["who", "what changes", "bytes", "SHA-256 begins"], rows)

    # all of it

    def machine(self):
        cpu = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
        version = Run([self.program, "--version"]).out.strip()
        rustc = Run(["rustc", "--version"]).out.strip() if any(
            pathlib.Path(p, "rustc").exists() for p in os.environ.get("PATH", "").split(os.pathsep)
        ) else "rustc unknown"
        commit = Run(["git", "-C", ROOT, "describe", "--always", "--dirty"]).out.strip()
        print(f"- date: {datetime.date.today()}; load of the machine at the start: {os.getloadavg()[0]:.2f}")
        print(f"- machine: {cpu[1] if cpu else platform.processor()}, {os.cpu_count()} cores, {platform.system()} {platform.release()}")
        print(f"- program: {version}, {self.program.stat().st_size / MIB / MIB:.1f} MiB, commit {commit}, {rustc}; all threads unless said")
        told = ", ".join(f"{k} {v}" for k, v in self.versions.items() if v) or "none"
        print(f"- peers: {told}; one BLAS thread, at most {self.options.limit} s each")
        print(f"- data: SYNTHETIC, made by panel.py; ours the median of {self.options.repeat} runs, peers one run\n", flush=True)

    def run(self):
        rows = ["agreement", "full", "hs6_year", "hs6", "bootstrap", "portfolios", "coverage", "bytes"]
        wanted = self.options.only or rows
        if unknown := [name for name in wanted if name not in rows]:
            raise SystemExit(f"--only {unknown[0]}: known are {', '.join(rows)}")
        self.machine()
        if "agreement" in wanted:
            self.agreement()
            self.print_agreement()
        timed = [name for name in ("full", "hs6_year", "hs6", "bootstrap") if name in wanted]
        for name in timed:
            getattr(self, name)()
        if timed:
            print("### CPU seconds and memory\n")
            head = ["what", "who", "CPU s of the process", "CPU s of computing", "wall s", "peak MiB", "MiB over loading", "note"]
            table(head, self.times)
        for name in ("portfolios", "coverage", "bytes"):
            if name in wanted:
                getattr(self, name)()
        print(f"Load of the machine at the end: {os.getloadavg()[0]:.2f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=pathlib.Path, required=True, help="folder of the panels and results; not in the repository")
    parser.add_argument("--program", type=pathlib.Path, default=ROOT / "target/release/xinzhi", help="the program; its examples beside it")
    parser.add_argument("--peers", type=pathlib.Path, help="a Python with the peers' packages")
    parser.add_argument("--quick", action="store_true", help="small sizes: to try the script, not to quote")
    parser.add_argument("--only", action="append", help="a row: agreement, full, hs6_year, hs6, bootstrap, portfolios, coverage, bytes")
    parser.add_argument("--limit", type=float, default=900, help="wall seconds a peer may take in one process")
    parser.add_argument("--repeat", type=int, default=3, help="our runs, of which the median counts")
    options = parser.parse_args()
    if not options.program.exists():
        raise SystemExit(f"{options.program} is missing: cargo build --release")
    options.cache.mkdir(parents=True, exist_ok=True)
    Bench(options).run()


if __name__ == "__main__":
    main()
