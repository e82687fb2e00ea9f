"""The chain layer's bars, one row at a time, each in a process of its own; prints markdown. See README.md.

    OPENBLAS_NUM_THREADS=1 python benches/chain/run.py --cache FOLDER [--peers PYTHON] [--only ROW ...] [--repeat 3]
"""

import argparse
import datetime
import os
import pathlib
import re
import subprocess
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
EXAMPLES = TARGET / "release/examples"

PEER_BOOK = """
import resource, sys, pymrio
used = lambda: sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
start = used()
table = pymrio.parse_wiod(sys.argv[1])
print(f"pymrio {pymrio.__version__} parse_wiod, n = {len(table.Z)}: {used() - start:.2f} CPU s")
"""
PEER_ICIO = """
import resource, sys, pymrio
used = lambda: sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
start = used()
table = pymrio.parse_oecd(sys.argv[1], year=2018)
print(f"pymrio {pymrio.__version__} parse_oecd, n = {len(table.Z)}: {used() - start:.2f} CPU s")
"""

# figures in an example's line: "1.40 CPU s" or "CPU 1.40 s"
CPU = re.compile(r"(?:([\d.]+) CPU s)|(?:CPU ([\d.]+) s)")


def run(command, limit):
    """The process's text, CPU seconds, wall seconds, peak GB and the load when it began."""
    load, start = os.getloadavg()[0], time.monotonic()
    environment = {k: v for k, v in os.environ.items() if k not in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")}
    environment["OPENBLAS_NUM_THREADS"] = "1"
    process = subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment)
    timer = threading.Timer(limit, process.kill)
    timer.start()
    text = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    timer.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.monotonic() - start
    return process.returncode, text, usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1048576, load


def rows(cache, peers):
    """Name, how often at most, commands in turn (who, command)."""
    example = lambda name, *more: [EXAMPLES / name, *more]
    book, read = cache / "wiot11_row_made_up.xlsx", cache / "read"
    peer = lambda who, code, *more: [(who, [peers, "-c", code, *more])] if peers else []
    footprints = lambda *more: [("in turn", [peers, HERE / "footprints.py", *more])] if peers else []
    methods = ("lu:1e-12:accounts", "lu", "lu_single:1e-9:accounts", "lu_single:1e-9", "iterative:1e-12:accounts", "iterative", "iterative:1e-6:accounts")
    return {
        "footprints": (3, footprints("77", "45", "9", *methods)),
        "value_added_2464": (1, [("ours", example("bench_value_added", "44", "56"))]),
        "value_added_3465": (1, [("ours", example("bench_value_added", "77", "45"))]),
        "extraction": (1, [("ours", example("bench_extraction", "77", "45"))]),
        "books": (3, [("ours", example("bench_books", book)), *peer("pymrio", PEER_BOOK, book)]),
        "icio": (3, [("ours", example("bench_read", "icio", read)), *peer("pymrio", PEER_ICIO, read)]),
        "reopen": (3, [("ours", example("bench_read", "reopen", read))]),
        "structural_paths": (1, [("ours", example("bench_structural_paths", "49", "200"))]),
        "footprints_9800": (1, footprints("49", "200", "9", "iterative:1e-12:accounts", "iterative:1e-6:accounts", "nopeer")),
        "footprints_9800_peer": (1, footprints("49", "200", "9", "lu:1e-12:accounts")),
        "footprints_19680": (1, [("ours", example("bench_footprints", "164", "120", "9", "iterative", "accounts"))]),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=pathlib.Path, required=True, help="folder of the made-up files; not in the repository")
    parser.add_argument("--peers", help="a Python with pymrio")
    parser.add_argument("--only", action="append", help="a row, several times")
    parser.add_argument("--repeat", type=int, default=3, help="runs of the cheap rows, of which the smallest CPU figure counts")
    parser.add_argument("--limit", type=float, default=300, help="wall seconds of one process")
    options = parser.parse_args()
    options.cache.mkdir(parents=True, exist_ok=True)
    known = rows(options.cache, options.peers)
    wanted = options.only or list(known)
    if unknown := [name for name in wanted if name not in known]:
        raise SystemExit(f"--only {unknown[0]}: known are {', '.join(known)}")
    processor = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    commit = subprocess.run(["git", "-C", ROOT, "describe", "--always", "--dirty"], capture_output=True, text=True).stdout.strip()
    print(f"{datetime.datetime.now():%Y-%m-%d %H:%M}, {processor[1] if processor else '?'}, {os.cpu_count()} cores, commit {commit}; ALL TABLES SYNTHETIC\n")
    # the made-up files are written before anything is timed, so that no peak counts writing
    if "books" in wanted and not (options.cache / "wiot11_row_made_up.xlsx").exists():
        subprocess.run([EXAMPLES / "bench_books", options.cache / "wiot11_row_made_up.xlsx"], check=True, stdout=subprocess.DEVNULL)
    if {"icio", "reopen"} & set(wanted):
        subprocess.run([EXAMPLES / "bench_read", "write", options.cache / "read"], check=True, stdout=subprocess.DEVNULL)
    for name in wanted:
        most, commands = known[name]
        if not commands:
            print(f"### {name}: left out, it needs --peers (numpy and pymrio)\n")
            continue
        repeat = min(most, options.repeat)
        print(f"### {name}, the smallest CPU figure of {repeat}\n")
        # line of the program without its figures -> CPU of every run, last text
        best, about = {}, []
        for _ in range(repeat):
            for who, command in commands:
                code, text, cpu, wall, peak, load = run(command, options.limit)
                # footprints.py starts processes of its own and gives their figures
                whole = "" if who == "in turn" else f"process {cpu:.1f} CPU s, {wall:.1f} s wall, peak {peak:.2f} GB, "
                about.append(f"{who}: {whole}load {load:.1f}")
                if code:
                    print(f"{who}: **failed** ({code}): {text.strip().splitlines()[-1:]}")
                for line in text.splitlines():
                    if found := CPU.search(line):
                        seconds = float(found[1] or found[2])
                        label = (who, line[: found.start()].strip())
                        kept = best.get(label)
                        if kept is None or seconds < kept[0]:
                            best[label] = (seconds, " ".join(line.split()))
        for seconds, line in best.values():
            print(f"- {line}")
        print("\n" + "; ".join(about) + "\n", flush=True)


if __name__ == "__main__":
    main()
