"""How long `xinzhi policy discourse` takes on 10,000 documents of 10 kB, and a peer (jieba and a Python loop) on fewer.

usage: python benches/policy/discourse.py --corpus FOLDER --cache FOLDER [--program target/release/xinzhi] [--peers PYTHON]
           [--documents 10000] [--peer-documents 100]

The documents are RESAMPLED: each is made of paragraphs drawn from the corpus (jsonl files with a field `content` or `text`), from a fixed
seed, until it has 10 kB. They are real sentences in an order nobody wrote. Prints markdown: the machine, wall and CPU seconds (user and
system, as the kernel counts them at the end of the child process) and peak memory. README.md beside this file says more.
"""

import argparse
import json
import os
import pathlib
import platform
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BYTES = 10_000
TERMS = pathlib.Path(__file__).resolve().parent / "terms.csv"
PEER = """
import csv, pathlib, sys, jieba
jieba.setLogLevel(60)
forms = {}
for row in csv.DictReader(open(sys.argv[2], encoding="utf-8")):
    for form in [row["name_zh"], *row["forms_zh"].split(";")]:
        if form:
            forms[form] = row["term"]
            jieba.add_word(form, 10_000_000)
rows = []
for path in sorted(pathlib.Path(sys.argv[1]).iterdir()):
    counts = {}
    for word in jieba.cut(path.read_text(encoding="utf-8")):
        term = forms.get(word)
        if term:
            counts[term] = counts.get(term, 0) + 1
    rows.append((path.name, counts))
totals = {}
for _, counts in rows:
    for term, count in counts.items():
        totals[term] = totals.get(term, 0) + count
import json
print(json.dumps(totals, ensure_ascii=False, sort_keys=True))
"""


def run(command):
    """Wall and CPU seconds, peak MiB and standard output of a child process."""
    with tempfile.TemporaryFile() as out:
        started = time.monotonic()
        child = subprocess.Popen([str(part) for part in command], stdout=out)
        _, status, used = os.wait4(child.pid, 0)
        wall = time.monotonic() - started
        if os.waitstatus_to_exitcode(status) != 0:
            sys.exit(f"{command[0]} failed")
        out.seek(0)
        return wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, out.read().decode()


def paragraphs(corpus):
    found = []
    for path in sorted(pathlib.Path(corpus).glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            record = json.loads(line)
            text = record.get("content") or record.get("text") or ""
            found += [part.strip() for part in text.split("\n") if len(part.strip()) > 20]
    if not found:
        sys.exit(f"{corpus} has no jsonl file with texts")
    return found


def make(folder, count, source):
    """`count` documents of about 10 kB; what is there already is kept."""
    done = folder / f"done-{count}"
    texts = folder / f"resampled-{count}"
    if done.exists():
        return texts
    shutil.rmtree(texts, ignore_errors=True)
    texts.mkdir(parents=True)
    draw = random.Random(20240305)
    for number in range(count):
        parts, size = [], 0
        while size < BYTES:
            part = draw.choice(source)
            parts.append(part)
            size += len(part.encode()) + 1
        text = "\n".join(parts).encode()[:BYTES].decode(errors="ignore")
        (texts / f"{1954 + number % 72}-resampled-{number:05}.txt").write_text(text + "\n", encoding="utf-8")
    done.touch()
    return texts


def main():
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--corpus", required=True)
    asked.add_argument("--cache", required=True, type=pathlib.Path)
    asked.add_argument("--program", default=ROOT / "target/release/xinzhi")
    asked.add_argument("--peers", help="a Python that has jieba")
    asked.add_argument("--documents", type=int, default=10_000)
    asked.add_argument("--peer-documents", type=int, default=100)
    options = asked.parse_args()
    source = paragraphs(options.corpus)
    many, few = make(options.cache, options.documents, source), make(options.cache, options.peer_documents, source)
    index = options.cache / "index"
    shutil.rmtree(index, ignore_errors=True)

    def ours(folder, *more):
        command = [options.program, "policy", "discourse", folder, "--terms", TERMS, "--format", "csv", *more]
        return run(command)

    ours(few)
    cores = os.cpu_count()
    load = os.getloadavg()[0]
    print(f"{platform.processor() or platform.machine()}, {cores} cores, load {load:.1f} before; Python {platform.python_version()}")
    print(f"{options.documents} resampled documents of {BYTES} bytes, {len(source)} paragraphs drawn from\n")
    print("| run | wall s | CPU s | peak MiB |\n| --- | --- | --- | --- |")

    def row(name, found):
        print(f"| {name} | {found[0]:.2f} | {found[1]:.2f} | {found[2]:.0f} |", flush=True)

    first = ours(many, "--index", index)
    row("ours, first run, with an index", first)
    second = ours(many, "--index", index)
    row("ours, second run, from the index", second)
    plain = ours(many)
    row("ours, without an index", plain)
    row("ours, without an index, one thread", ours(many, "--threads", "1"))
    small = ours(few)
    row(f"ours, {options.peer_documents} documents", small)
    if not first[3] == second[3] == plain[3]:
        sys.exit("the index changes what is found")
    if options.peers:
        peer = run([options.peers, "-c", PEER, few, TERMS])
        row(f"jieba and a Python loop, {options.peer_documents} documents: counts only", peer)
        # what it takes to read its word list is not extrapolated
        (options.cache / "nothing").mkdir(exist_ok=True)
        start = run([options.peers, "-c", PEER, options.cache / "nothing", TERMS])[1]
        all_of_them = start + (peer[1] - start) * options.documents / options.peer_documents
        print(f"\njieba, EXTRAPOLATED to {options.documents} documents from {options.peer_documents}: {all_of_them:.0f} CPU s on one core")
    print(f"\nlargest child: {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024:.0f} MiB")


if __name__ == "__main__":
    main()
