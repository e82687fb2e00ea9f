"""Builds the embedded default workspace from a folder of source files.

    python data/build/build.py SOURCE_FOLDER [--out data/default] [--only world,china] [--allow-missing-zh]

Each module of `MODULES` has one function `build(source: Path, out: tables.Workspace) -> None`. SOURCE_FOLDER holds one folder
a source, named as in `data/SOURCES.md`. Needs Python 3.11 and the packages of `data/build/requirements.txt`.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path

import tables

MODULES = ["world", "china"]


def main() -> int:
    """Runs the modules, then writes the shared tables, the manifest and the list of sources."""
    default = tables.BUILD_FOLDER.parent / "default"
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", type=Path, metavar="SOURCE_FOLDER", help="folder that holds one folder a source")
    parser.add_argument("--out", type=Path, default=default, help="folder of the workspace (default: data/default)")
    parser.add_argument("--only", default=",".join(MODULES), help="modules to run, separated by commas")
    parser.add_argument("--allow-missing-zh", action="store_true", help="do not fail when a Chinese name is missing")
    parser.add_argument(
        "--allow-missing-codes", action="store_true", help="do not fail when a place or code is unknown"
    )
    arguments = parser.parse_args()
    if not arguments.source.is_dir():
        parser.error(f"{arguments.source} is not a folder")
    out = tables.Workspace(arguments.out)
    at_home = arguments.out.resolve() == default
    sources_file = default.parent / "SOURCES.md" if at_home else arguments.out / "SOURCES.md"
    try:
        for name in arguments.only.split(","):
            if name not in MODULES:
                parser.error(f"unknown module `{name}`; there are {', '.join(MODULES)}")
            if not (tables.BUILD_FOLDER / f"{name}.py").exists():
                print(f"{name}: not there, skipped")
                continue
            print(f"{name}:", flush=True)
            importlib.import_module(name).build(arguments.source, out)
        print("shared tables:", flush=True)
        out.finish(sources_file, arguments.allow_missing_zh, arguments.allow_missing_codes)
    except tables.BuildError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    out.print_sizes()
    return 0


if __name__ == "__main__":
    sys.exit(main())
