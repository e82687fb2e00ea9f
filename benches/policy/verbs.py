"""Times every `xinzhi policy` verb as a process on the embedded registry: best and worst of some runs.

    cargo build --release
    python3 benches/policy/verbs.py [--runs 10]

The bar is 100 ms. No peer holds such a registry, so none is run beside it.
"""

import argparse
import os
import platform
import subprocess
import time

VERBS = {
    "lists": ["lists"],
    "lists, every level, lapsed ones too": ["lists", "--all-levels", "--lapsed"],
    "changes between two days": ["lists", "--at", "2026-11-25", "--since", "2020", "--kept"],
    "overlap, themes": ["overlap"],
    "overlap, industries": ["overlap", "--rows", "industries", "--lapsed"],
    "timeline with plans": ["timeline", "--plans"],
    "timeline with picture and calendar": ["timeline", "--plans"],
    "crosswalk, all codes": ["crosswalk"],
    "crosswalk at a place, exports": ["crosswalk", "--place", "CHN"],
    "crosswalk at a place, patents": ["crosswalk", "--place", "CHN", "--measure", "patents"],
    "crosswalk at a place, output": ["crosswalk", "--place", "CHN", "--measure", "output"],
    "targets": ["targets"],
    "definition": ["definition"],
    "check": ["check"],
}


def main():
    """Runs the verbs and prints a row each."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", default="target/release/xinzhi")
    parser.add_argument("--runs", type=int, default=10)
    arguments = parser.parse_args()
    print(f"{platform.platform()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {arguments.runs} runs")
    print("| verb | best ms | worst ms |\n| --- | --- | --- |")
    for name, verb in VERBS.items():
        command = [arguments.program, "policy", *verb]
        if "picture" in name:
            command += ["--picture", "timeline-bench.svg", "--ics", "timeline-bench.ics"]
        if verb[0] not in ("check",):
            command += ["--format", "csv"]
        times = []
        for _ in range(arguments.runs):
            start = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            times.append((time.perf_counter() - start) * 1000)
        print(f"| {name} | {min(times):.0f} | {max(times):.0f} |")
    for made in ("timeline-bench.svg", "timeline-bench.ics"):
        os.remove(made)


if __name__ == "__main__":
    main()
