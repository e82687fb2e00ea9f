"""Makes the SYNTHETIC panels of the industry benchmark: made up by formula, no real trade.

usage: python panel.py FOLDER [NAME ...] [--quick]      (needs numpy and pyarrow)

Its constants were chosen so that one year of hs4 resembles the exports by HS4 heading of 2017 that the program holds (224 places, 1,221
headings): 16 % of the cells have RCA >= 1 (there 10 %), eigenvalues 2 and 3 are 0.24 and 0.13 (there 0.27 and 0.19), and fitness takes some
300 steps (there 200, stopped because the order had settled).

Places differ in capability and activities in what they ask for, so the table is nested like trade; activities come in clusters; what a
place is good at drifts slowly from year to year. The stated share of the cells of every year has a value (and at least one of every place
and activity); the others have no row, as in trade data. The same seed gives the same numbers; rows go by year, place and activity.

| name | places | activities | years | share of the cells | files |
| --- | --- | --- | --- | --- | --- |
| hs4 | 230 | 1,200 | 20 | 50 % | parquet, csv |
| hs4_year | 230 | 1,200 | 1 | 50 % | parquet, csv |
| hs4_shuffled | 230 | 1,200 | 1 | 50 %; the rows of hs4_year in another order | parquet, csv |
| hs6_year | 230 | 5,000 | 1 | 30 % | parquet |
| hs6 | 230 | 5,000 | 25 | 30 % | parquet |
| sparse | 150 | 250 | 1 | 6 % | parquet, csv |

With `--quick` the same names are small. A file that is there already is kept.
"""

import json
import pathlib
import sys

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

SEED = 20_260_101
SHAPES = {  # places, activities, years, share of the cells, also as csv
    "hs4": (230, 1200, 20, 0.5, True),
    "hs4_year": (230, 1200, 1, 0.5, True),
    "hs4_shuffled": (230, 1200, 1, 0.5, True),
    "hs6_year": (230, 5000, 1, 0.3, False),
    "hs6": (230, 5000, 25, 0.3, False),
    "sparse": (150, 250, 1, 0.06, True),
}
QUICK = {
    "hs4": (60, 150, 3, 0.5, True),
    "hs4_year": (60, 150, 1, 0.5, True),
    "hs4_shuffled": (60, 150, 1, 0.5, True),
    "hs6_year": (60, 300, 1, 0.3, False),
    "hs6": (60, 300, 3, 0.3, False),
    "sparse": (40, 60, 1, 0.08, True),
}


def years(places, activities, count, share):
    """The tables of the years, zero where a place does not trade an activity."""
    rng = np.random.default_rng([SEED, places, activities])
    capability = ((np.arange(places) + 0.5) / places)[:, None]
    demand = rng.permutation((np.arange(activities) + 0.5) / activities)[None, :]
    groups = 10
    group = rng.integers(groups, size=activities)[None, :]
    good_at = rng.integers(groups, size=(places, 3))
    same = sum(weight * (good_at[:, at : at + 1] == group) for at, weight in enumerate((1.0, 0.6, 0.4)))
    size = np.exp(3.0 * capability + 1.5 * rng.standard_normal((places, 1)))
    world = np.exp(1.2 * rng.standard_normal((1, activities)))
    walk = rng.standard_normal((places, activities))
    for _ in range(count):
        walk = 0.98 * walk + 0.199 * rng.standard_normal((places, activities))
        able = 14.0 * (capability - demand) + 2.0 * same + walk
        least = np.quantile(able, 1.0 - share)
        traded = able > least
        # a place without anything, or an activity of nobody, would be a case of its own
        traded[np.arange(places), able.argmax(axis=1)] = True
        traded[able.argmax(axis=0), np.arange(activities)] = True
        noise = rng.standard_normal((places, activities))
        yield np.where(traded, 1000.0 * size * world * np.exp(able + noise), 0.0)


def long(year, table):
    """The cells with a value as rows."""
    places, activities = table.shape
    c, p = np.nonzero(table)
    place = pa.array([f"P{i:03d}" for i in range(places)])
    activity = pa.array([f"A{i:04d}" for i in range(activities)])
    return pa.table(
        {
            "time": pa.array(np.full(len(c), year, dtype=np.int64)),
            "place": pa.DictionaryArray.from_arrays(pa.array(c.astype(np.int32)), place).cast(pa.string()),
            "activity": pa.DictionaryArray.from_arrays(pa.array(p.astype(np.int32)), activity).cast(pa.string()),
            "value": pa.array(table[c, p]),
        }
    )


def make(folder, name, shape):
    places, activities, count, share, text = shape
    parquet, csv = folder / f"{name}.parquet", folder / f"{name}.csv"
    if parquet.exists() and (csv.exists() or not text):
        return
    rows, writer, writer_csv = 0, None, None
    unfinished = parquet.with_suffix(".unfinished")
    for at, table in enumerate(years(places, activities, count, share)):
        block = long(2000 + at, table)
        if name.endswith("shuffled"):
            block = block.take(np.random.default_rng(SEED).permutation(len(block)))
        if writer is None:
            writer = pa.parquet.ParquetWriter(unfinished, block.schema, compression="zstd")
            writer_csv = pa.csv.CSVWriter(csv, block.schema) if text else None
        writer.write_table(block)
        if writer_csv:
            writer_csv.write_table(block)
        rows += len(block)
    writer.close()
    if writer_csv:
        writer_csv.close()
    unfinished.rename(parquet)
    shape = {"places": places, "activities": activities, "years": count, "rows": rows}
    (folder / f"{name}.json").write_text(json.dumps(shape) + "\n")


def main():
    arguments = sys.argv[1:]
    shapes = QUICK if "--quick" in arguments else SHAPES
    names = [argument for argument in arguments if argument != "--quick"]
    if not names or any(name not in shapes for name in names[1:]):
        sys.exit(__doc__)
    folder = pathlib.Path(names[0])
    folder.mkdir(parents=True, exist_ok=True)
    for name in names[1:] or shapes:
        make(folder, name, shapes[name])


if __name__ == "__main__":
    main()
