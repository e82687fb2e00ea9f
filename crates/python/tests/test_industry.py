"""The industry layer through the installed package: against published figures, in every kind of frame, and with bad input."""

import doctest
import os
import pathlib
import signal
import subprocess
import sys
import threading
import time
import warnings

import pandas
import polars
import pyarrow
import pytest
import xinzhi
from xinzhi import industry

GOLDEN = pathlib.Path(__file__).parents[2] / "complexity" / "tests" / "data"
TRADE = GOLDEN / "growth_lab_trade.csv"
COLUMNS = {"time": "year", "value": "value"}
CODES = {"activity": str, "place": str}
STATA = {**COLUMNS, "convention": "stata"}


@pytest.fixture(scope="module")
def trade():
    """The Growth Lab's sample, in single precision as Stata read it."""
    frame = pandas.read_csv(TRADE, dtype=CODES)
    frame["value"] = frame["value"].astype("float32").astype("float64")
    return frame


@pytest.fixture(scope="module")
def population():
    frame = pandas.read_csv(GOLDEN / "growth_lab_population.csv", dtype=CODES)
    frame["population"] = frame["population"].astype("float32").astype("float64")
    return frame


@pytest.fixture(scope="module")
def expected():
    frame = pandas.read_csv(GOLDEN / "growth_lab_stata.csv", dtype={**CODES, "fixture": str})
    return frame[frame["value"].notna()]


def made_up(periods=6, places=12, activities=25):
    """An invented panel, which says nothing about any place: entries spread from related activities."""
    rows = []
    for t in range(periods):
        for c in range(places):
            for p in range(activities):
                seed = (c * 7919 + p * 104729 + 13) % 101
                value = 1.0 + seed if p <= 2 * c + (seed + 3 * t) % 9 else (seed % 5) * 0.02
                rows.append((2000 + t, f"C{c:02}", f"P{p:02}", value))
    return pandas.DataFrame(rows, columns=["year", "place", "activity", "value"])


FIXTURES = {
    "ground_truth": {},
    "rca_05": {"presence": "rca:0.5"},
    "rca_2": {"presence": "rca:2"},
    "discrete_asymmetric": {"proximity": "asymmetric"},
    "continuous": {"proximity": "correlation"},
    "knn_5": {"knn": 5},
}


@pytest.mark.parametrize("fixture", FIXTURES)
def test_the_growth_labs_stata_figures_come_out(trade, expected, fixture):
    cells = industry.complexity(trade, **STATA, **FIXTURES[fixture])
    cells["time"] = cells["time"].astype(int)
    wanted = expected[(expected["fixture"] == fixture) & (expected["quantity"] != "presence")]
    compared = 0
    for quantity, figures in wanted.groupby("quantity"):
        keys = ["year", *(key for key in ("place", "activity") if figures[key].notna().all())]
        found = cells.rename(columns={"time": "year"})[[*keys, quantity]].drop_duplicates()
        both = figures[[*keys, "value"]].merge(found, on=keys, how="left")
        assert len(both) == len(figures), quantity
        assert both[quantity].to_numpy(float) == pytest.approx(both["value"].to_numpy(), rel=1e-9, abs=1e-12), quantity
        compared += len(both)
    assert compared > 60


def test_population_makes_presence(trade, population, expected):
    """The Stata package drops places without population before anything else; population in all its forms gives one result."""
    trade = trade[trade["place"].isin(set(population["place"]))]
    column = trade.merge(population, on=["year", "place"], how="left")
    mapping = {(row.year, row.place): row.population for row in population.itertuples()}
    forms = [population, polars.from_pandas(population), mapping, pandas.Series(mapping)]
    answers = [industry.complexity(trade, population=form, presence="rpop:1", **STATA) for form in forms]
    answers.append(industry.complexity(column, population="population", presence="rpop:1", **STATA))
    wanted = expected[(expected["fixture"] == "rpop_default") & (expected["quantity"] == "eci")]
    assert len(wanted) >= 9
    for answer in answers:
        eci = answer.assign(time=answer["time"].astype(int)).groupby(["time", "place"])["eci"].first()
        for row in wanted.itertuples():
            assert eci[(row.year, row.place)] == pytest.approx(row.value, rel=1e-9)
        assert answer.equals(answers[0])
    rpop = industry.complexity(trade, population=mapping, with_="rpop", **STATA)
    assert (rpop["rpop"] > 0).any()
    one = industry.complexity(trade, population={"aut": 5.0, "deu": 7.0}, with_=["rpop"], **STATA)
    assert set(one[one["rpop"] > 0]["place"]) <= {"aut", "deu"}


def test_every_kind_of_frame_gives_the_same(trade):
    panda = industry.complexity(trade, **COLUMNS)
    pola = industry.complexity(polars.from_pandas(trade), **COLUMNS)
    arrow = industry.complexity(pyarrow.Table.from_pandas(trade), **COLUMNS)
    path = industry.complexity(TRADE, **COLUMNS)
    assert isinstance(panda, pandas.DataFrame)
    assert isinstance(pola, polars.DataFrame)
    assert isinstance(arrow, pyarrow.Table)
    assert isinstance(path, pyarrow.Table)
    assert arrow.equals(pola.to_arrow().cast(arrow.schema))
    assert panda.equals(arrow.to_pandas())
    # the file is in double precision
    assert path["eci"].to_pylist() == pytest.approx(arrow["eci"].to_pylist(), abs=1e-6)
    reader = pyarrow.Table.from_pandas(trade).to_reader(max_chunksize=7)
    assert industry.complexity(reader, **COLUMNS).equals(arrow)
    batch = pyarrow.RecordBatch.from_pandas(trade)
    assert industry.complexity(batch, **COLUMNS).equals(arrow)
    own = xinzhi.data.table("exports_hs4_2017")
    assert isinstance(industry.peers(own, "CHN", activity="code").table, pyarrow.Table)
    assert panda["place"].iloc[0] == "aut" and pola["place"].dtype == polars.String
    assert panda["mcp"].dtype == bool
    # categories and other columns do no harm
    categories = trade.assign(place=trade["place"].astype("category"), other=[object()] * len(trade))
    assert industry.complexity(categories.set_index("other"), **COLUMNS).equals(panda)


def test_the_order_of_rows_makes_no_difference(trade):
    whole = industry.complexity(trade, **COLUMNS, record=True)
    shuffled = industry.complexity(trade.sample(frac=1.0, random_state=7), **COLUMNS, record=True)
    assert shuffled.table.equals(whole.table)
    assert shuffled.record["input_sha256"] == whole.record["input_sha256"]


def test_every_candidate_cell_comes_back(trade):
    sparse = trade[trade["value"].rank(pct=True) > 0.6]
    assert len(sparse) < 0.45 * len(trade)
    cells = industry.complexity(sparse, **COLUMNS)
    periods, places, activities = (sparse[key].nunique() for key in ("year", "place", "activity"))
    assert len(cells) == periods * places * activities == len(cells[["time", "place", "activity"]].drop_duplicates())


def test_other_rows_and_the_record(trade):
    answer = industry.complexity(trade, **COLUMNS, what="places", bootstrap=40, record=True)
    assert list(answer) == ["places"] and answer.table is answer["places"] and len(answer) == 1
    assert len(answer.table) == 20
    assert (answer.table["eci_low"] <= answer.table["eci_high"]).all()
    assert [period["period"] for period in answer.record["periods"]] == ["1995", "1996"]
    assert "places: 20 rows" in repr(answer)
    with pytest.raises(KeyError, match="nothing.*places"):
        answer["nothing"]
    one = industry.complexity(trade, **COLUMNS, what="activities", periods=1996)
    assert len(one) == 30
    assert set(industry.complexity(trade, **COLUMNS, what="entries")["change"]) <= {"entry", "exit"}
    assert (industry.complexity(trade, **COLUMNS, what="proximity", periods=[1995])["proximity"] > 0).all()


def test_world_index_and_universe(trade):
    one_year = trade[trade["year"] == 1995].drop(columns="year")
    whole = industry.complexity(one_year, what="activities")
    pci = dict(zip(whole["activity"], whole["pci"]))
    frame = whole[["activity", "pci"]]
    regions = one_year[one_year["place"].isin(["aut", "che", "deu"])]
    by_mapping = industry.complexity(regions, pci=pci)
    assert industry.complexity(regions, pci=frame).equals(by_mapping)
    assert industry.complexity(regions, pci=whole.set_index("activity")["pci"]).equals(by_mapping)
    mean = by_mapping[by_mapping["mcp"]].groupby("place")["pci"].mean()
    assert by_mapping.groupby("place")["eci"].first().to_numpy() == pytest.approx(mean.to_numpy(), rel=1e-12)
    # the places of a world's table measured by it stand where they stand in it
    full = industry.complexity(one_year, what="places").set_index("place")["eci"]
    measured = industry.complexity(regions, world=one_year, what="places").set_index("place")["eci"]
    assert measured.to_dict() == pytest.approx({place: full[place] for place in measured.index}, rel=1e-9)
    assert industry.complexity(polars.from_pandas(regions), world=one_year)["eci"].to_numpy().tolist() == pytest.approx(
        industry.complexity(regions, world=one_year)["eci"].tolist()
    )
    core = [place for place in sorted(set(one_year["place"])) if place != "ita"]
    narrow = industry.complexity(one_year, universe=core, what="activities").set_index("activity")["pci"]
    alone = industry.complexity(one_year[one_year["place"] != "ita"], what="activities").set_index("activity")["pci"]
    assert narrow.to_dict() == pytest.approx(alone.to_dict(), rel=1e-9)
    signed = industry.complexity(one_year, income={place: float(i) for i, place in enumerate(core)}, sign="income")
    turned = industry.complexity(one_year, income={place: -float(i) for i, place in enumerate(core)}, sign="income")
    assert signed["eci"].to_numpy() == pytest.approx(-turned["eci"].to_numpy())


def test_all_verbs_answer(tmp_path):
    panel = made_up()
    income = {place: 1000.0 + 10 * i for i, place in enumerate(sorted(set(panel["place"])))}
    common = {"time": "year"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", xinzhi.XinzhiWarning)
        network = industry.space(panel, **common, mark="C03", significance=True)
        found = industry.opportunities(panel, "C03", **common, items=2, folds=4)
        test = industry.backtest(panel, **common, folds=4)
        cheapest = industry.portfolio(panel, ["C03", "C05"], **common, gain=0.2)
        steps = industry.sequence(panel, "C03", **common, threshold=0.4)
        near = industry.peers(panel, "C03", **common, income=income, count=3, weights=[1, 1, 0])
    assert list(network) == ["edges", "nodes"] and len(network["nodes"]) == 25
    assert network.documents["svg"].startswith("<svg") and "<graphml" in network.documents["graphml"]
    assert set(found.table["track"]) <= {"transform", "foster", "build"}
    assert {"models", "calibration", "transitions"} <= set(test)
    assert test["models"]["auc"].between(0, 1).all()
    assert set(cheapest["places"]["place"]) == {"C03", "C05"}
    assert len(steps["sequence"]) + len(steps["unreachable"]) > 0
    assert len(near["peers"]["place"].drop_duplicates()) >= 3 and "C03" not in set(near["peers"]["place"])
    for answer in (network, found, test, cheapest, steps, near):
        assert all(isinstance(table, pandas.DataFrame) for table in answer.values())
        assert answer.record["input_sha256"] == network.record["input_sha256"]
    # the same from a file and from other frames
    panel.to_parquet(tmp_path / "panel.parquet")
    again = industry.peers(tmp_path / "panel.parquet", "C03", **common, income=income, count=3, weights=[1, 1, 0])
    assert again["peers"].to_pandas().equals(near["peers"])
    pola = industry.peers(polars.from_pandas(panel), "C03", **common, income=income, count=3, weights=[1, 1, 0])
    assert isinstance(pola["peers"], polars.DataFrame) and pola["peers"].to_dicts() == again["peers"].to_pylist()


def test_notes_are_warnings(trade):
    disconnected = pyarrow.table({"place": ["A", "B"], "activity": ["x", "y"], "value": [1.0, 1.0]})
    with pytest.warns(xinzhi.XinzhiWarning) as told:
        industry.complexity(disconnected)
    assert told[0].filename == __file__


def test_the_workspace_is_there_without_a_table():
    found = industry.peers(None, "中国", count=4)
    assert isinstance(found.table, pyarrow.Table)
    assert "CHN" not in found.table["place"].to_pylist()
    assert industry.complexity(what="places").num_rows > 200
    with pytest.raises(xinzhi.XinzhiError, match="no_such"):
        industry.complexity(scheme="no_such")


def changed(frame, **values):
    frame = frame.copy()
    for column, value in values.items():
        frame.loc[frame.index[3], column] = value
    return frame


def test_bad_input_is_named(trade):
    with pytest.raises(xinzhi.XinzhiError, match="profit.*value"):
        industry.complexity(trade, value="profit")
    with pytest.raises(xinzhi.XinzhiError, match="negative.*row 4.*value"):
        industry.complexity(changed(trade, value=-1.0), **COLUMNS)
    for missing in (float("nan"), None):
        with pytest.raises(xinzhi.XinzhiError, match='missing.*row 4.*missing="zero"'):
            industry.complexity(changed(trade, value=missing), **COLUMNS)
    with pytest.raises(xinzhi.XinzhiError, match="missing"):
        nan = polars.from_pandas(trade).with_columns(polars.lit(float("nan")).alias("value"))
        industry.complexity(nan, **COLUMNS)
    with pytest.raises(xinzhi.XinzhiError, match="finite"):
        industry.complexity(changed(trade, value=float("inf")), **COLUMNS)
    twice = pandas.concat([trade, trade.iloc[:1]])
    with pytest.raises(xinzhi.XinzhiError, match='duplicates="sum"'):
        industry.complexity(twice, **COLUMNS)
    with pytest.raises(xinzhi.XinzhiError, match="twice|duplicate|several"):
        industry.complexity(trade)
    with pytest.raises(xinzhi.XinzhiError, match="number"):
        industry.complexity(trade.assign(value="much"), **COLUMNS)
    with pytest.raises(xinzhi.XinzhiError, match="other"):
        industry.complexity(
            trade.assign(value=[object()] * len(trade)).rename(columns={"value": "other"}), value="other"
        )
    for table in ([1, 2], polars.LazyFrame({"place": ["a"]}), {"place": ["a"]}):
        with pytest.raises(xinzhi.XinzhiError, match="no table"):
            industry.complexity(table)


def test_bad_options_are_named(trade):
    wrong = {
        "convention": "mine",
        "presence": "mine",
        "proximity": "far",
        "diagonal": 2,
        "sd": "none",
        "sign": "mine",
        "fitness": "much",
        "what": "everything",
        "with_": "nothing",
        "duplicates": "first",
        "missing": "guess",
        "periods": "1800",
        "lang": "fr",
        "population": {"aut": "many"},
        "income": 3,
    }
    for option, value in wrong.items():
        with pytest.raises(xinzhi.XinzhiError):
            industry.complexity(trade, **COLUMNS, **{option: value})
    with pytest.raises(TypeError, match="convnetion"):
        industry.complexity(trade, **COLUMNS, convnetion="stata")
    with pytest.raises(xinzhi.XinzhiError, match="Atlantis"):
        industry.peers(trade, "Atlantis", **COLUMNS)
    with pytest.raises(xinzhi.XinzhiError, match="nowhere"):
        industry.complexity("nowhere.csv")


def test_explicit_choices_about_rows(trade):
    record = industry.complexity(changed(trade, value=None), **COLUMNS, missing="drop", record=True).record
    assert record["rows_dropped"] == 1
    record = industry.complexity(changed(trade, value=None), **COLUMNS, missing="zero", record=True).record
    assert record["missing_as_zero"] == 1
    twice = pandas.concat([trade, trade])
    doubled = industry.complexity(twice, **COLUMNS, duplicates="sum")
    once = industry.complexity(trade, **COLUMNS)
    assert doubled["value"].to_numpy() == pytest.approx(2 * once["value"].to_numpy())
    assert doubled["eci"].to_numpy() == pytest.approx(once["eci"].to_numpy())


LONG = """
import sys, time, pyarrow, xinzhi
n = 220
places = [f"C{c:03}" for c in range(n) for p in range(900)]
activities = [f"P{p:03}" for c in range(n) for p in range(900)]
values = [float((c * 7919 + p * 104729) % 97 + 1) for c in range(n) for p in range(900)]
table = pyarrow.table({"place": places, "activity": activities, "value": values})
print("begin", flush=True)
begun = time.monotonic()
try:
    xinzhi.industry.complexity(table, what="places", bootstrap=1_000_000)
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


@pytest.mark.skipif(os.name == "nt", reason="no such signal")
def test_ctrl_c_ends_a_long_call():
    with subprocess.Popen([sys.executable, "-c", LONG], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "begin\n"
        time.sleep(2.0)
        assert process.poll() is None
        sent = time.monotonic()
        process.send_signal(signal.SIGINT)
        assert process.stdout.readline() == "interrupted\n"
        assert process.wait(timeout=30) == 0
        # a busy machine may take its time, but a million replicates take hours
        assert time.monotonic() - sent < 20


WITHOUT_PYARROW = """
import sys
sys.modules["pyarrow"] = None
import polars, xinzhi
rows = {"place": ["A", "A", "B", "C"], "activity": ["x", "y", "x", "y"], "value": [1.0, 2.0, 3.0, 4.0]}
assert isinstance(xinzhi.industry.complexity(polars.DataFrame(rows)), polars.DataFrame)
assert isinstance(xinzhi.industry.complexity(what="places"), xinzhi.data.Table)
import pandas
try:
    xinzhi.industry.complexity(pandas.DataFrame(rows))
except xinzhi.XinzhiError as error:
    assert "pip install pyarrow" in str(error)
else:
    raise SystemExit("no error")
"""


def test_pyarrow_is_needed_for_pandas_only():
    subprocess.run([sys.executable, "-W", "ignore", "-c", WITHOUT_PYARROW], check=True)


def test_other_threads_run_meanwhile():
    counted, stop = [0], threading.Event()

    def count():
        while not stop.is_set():
            counted[0] += 1

    thread = threading.Thread(target=count)
    thread.start()
    try:
        before = counted[0]
        industry.complexity(what="places")
        moved = counted[0] - before
    finally:
        stop.set()
        thread.join()
    # a held interpreter would let the counter move for one switch interval at most
    assert moved > 10_000


def test_the_examples_run():
    found = doctest.testmod(industry)
    assert found.failed == 0 and found.attempted >= 20
    found = doctest.testmod(xinzhi)
    assert found.failed == 0 and found.attempted >= 3


def test_agrees_with_py_ecomplexity(trade):
    """Not among the requirements: pip install ecomplexity==0.5.3 to run it."""
    peer = pytest.importorskip("ecomplexity")
    columns = {"time": "year", "loc": "place", "prod": "activity", "val": "value"}
    theirs = peer.ecomplexity(trade.copy(), columns)
    ours = industry.complexity(trade, **COLUMNS, convention="py-ecomplexity")
    ours = ours.assign(year=ours["time"].astype(int))
    both = theirs.merge(ours, on=["year", "place", "activity"], suffixes=("_peer", ""))
    assert len(both) == len(theirs) == len(trade)
    for name in ("rca", "mcp", "diversity", "ubiquity", "eci", "pci", "density", "coi", "cog"):
        assert both[name].to_numpy(float) == pytest.approx(
            both[f"{name}_peer"].to_numpy(float), rel=1e-10, abs=1e-10
        ), name
