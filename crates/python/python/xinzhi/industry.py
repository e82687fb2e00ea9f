"""What a place can make next, and how sure that is: the program's ``industry`` verbs as functions.

Every function takes a table of one observation a row first:

- a pandas or polars ``DataFrame``, a pyarrow ``Table`` or ``RecordBatchReader``, or anything else with the Arrow PyCapsule interface;
- the path of a file (csv, tsv, parquet, xlsx, ...);
- or ``None``: the tables of the workspace.

and gives frames of the same kind back (for a path or ``None`` pyarrow tables where pyarrow is there, else :class:`xinzhi.data.Table`).
The columns needed cross without a copy where the library allows it; the order of the rows makes no difference.

:func:`complexity` makes one table and gives the frame itself (with ``record=True`` an :class:`Answer`); the other functions make several
tables and give an :class:`Answer`, which holds them by name.

What all functions take:

- ``time``, ``place``, ``activity``, ``value``: names of columns; without ``time`` all rows belong to one period.
- ``duplicates``: what to do about a period, place and activity in several rows: ``"error"`` or ``"sum"``.
- ``missing``: what to do about missing values: ``"error"``, ``"zero"`` or ``"drop"`` (the row).
- ``population``, ``income`` (a head): the name of a column of the table; a mapping from place or (period, place) to numbers; or a frame
  with the column of places, a column ``population`` or ``income`` and, where they differ by period, the column of periods.
- ``world``: a table (or path) with the same columns: indices and proximities come from it, and the places of the first are measured by
  them.
- ``pci``: the index of activities from elsewhere: a mapping, or a frame with the column of activities and a column ``pci``.
- ``universe``: the places over which activities get their index and proximity and the world its totals.
- ``data``, ``tables``, ``measure``, ``scheme``: without a table, the folder of a workspace (the built-in one without it) and what to
  take from it.
- ``convention``: published definitions to start from: ``"growth-lab"`` (default), ``"py-ecomplexity"``, ``"stata"``, ``"oec"``,
  ``"econgeo"``, ``"economiccomplexity"``.
- ``presence``: when a place has an activity: ``"rca:1"``, ``"rpop:1"``, ``"rca:1,rpop:2"`` (either), ``"given"`` (value > 0);
  ``strict``: more than the threshold instead of at least it.
- ``proximity``: ``"minimum"``, ``"asymmetric"``, ``"correlation"``, ``"cosine"``, ``"jaccard"``, ``"association"``,
  ``"probability"``, ``"taxonomy"``; ``diagonal``: whether an activity is its own neighbour in densities (0 or 1); ``knn``: only so
  many nearest neighbours count; ``leave_out``: take each place's densities from a proximity without the place.
- ``sd``: standard deviation behind the indices: ``"population"``, ``"long-sample"``, ``"each-sample"``; ``reflections``: of this even
  order instead of the eigenvector; ``sign``: which end is complex: ``"diversity"``, ``"anchor:PLACE"``, ``"anchor:PLACE+PLACE"``,
  ``"income"``; ``fitness``: ``"classic"``, ``"servedio"``, ``"servedio:DELTA"``, ``"none"``.
- ``core_value``, ``core_population``: the universe is the places with at least this total value, this population.
- ``lang``: the language of names and sentences, ``"en"`` or ``"zh"``.

What a reader should be told comes as an :class:`xinzhi.XinzhiWarning`. What goes wrong is a :class:`xinzhi.XinzhiError`. Other Python
threads run meanwhile, and Ctrl-C ends a call at once.
"""

from __future__ import annotations

import json
import math
import os
import warnings
from collections.abc import Iterable
from typing import Any, Union

from . import _native
from ._native import XinzhiError, XinzhiWarning
from .answer import Answer, _json, _library, _like, _texts

__all__ = ["Answer", "backtest", "complexity", "opportunities", "peers", "portfolio", "sequence", "space"]

_CHOICES = (
    *(
        "convention",
        "presence",
        "strict",
        "proximity",
        "diagonal",
        "knn",
        "leave_out",
        "sd",
        "reflections",
        "sign",
        "fitness",
    ),
    *("core_value", "core_population"),
)
_BOOTSTRAP = ("bootstrap", "resample", "draws", "seed", "level")
_ENTRY = ("candidate_rca", "must_stay", "with_diversity", "folds")
# options that are texts, or lists of texts, whatever kind of label the table has
_TEXT = ("period", "mark", "place")
_TEXTS = ("periods", "universe", "places", "targets", "with")
_COLUMNS = ("time", "place", "activity", "value")

_Label = Union[str, int]
_Labels = Union[str, int, Iterable[Union[str, int]], None]
_Known = Any
_Path = Union[str, "os.PathLike[str]"]


def complexity(
    table: Any = None,
    *,
    time: str | None = None,
    place: str = "place",
    activity: str = "activity",
    value: str = "value",
    duplicates: str = "error",
    missing: str = "error",
    population: _Known = None,
    income: _Known = None,
    world: Any = None,
    pci: _Known = None,
    universe: _Labels = None,
    data: _Path | None = None,
    tables: _Labels = None,
    measure: str = "exports",
    scheme: str = "HS4",
    convention: str | None = None,
    presence: str | None = None,
    strict: bool = False,
    proximity: str | None = None,
    diagonal: int | None = None,
    knn: int | None = None,
    leave_out: bool = False,
    sd: str | None = None,
    reflections: int | None = None,
    sign: str | None = None,
    fitness: str | None = None,
    core_value: float | None = None,
    core_population: float | None = None,
    bootstrap: int = 0,
    resample: str = "places",
    draws: int | None = None,
    seed: int = 1,
    level: float = 0.9,
    what: str | None = None,
    with_: _Labels = None,
    periods: _Labels = None,
    record: bool = False,
    lang: str = "en",
) -> Any:
    """All indicators of specialisation, complexity and relatedness, one row a period, place and activity, traded or not.

    The columns are ``time, place, activity, value, rca, mcp, diversity, ubiquity, eci, pci, density, distance, coi, cog, fitness,
    complexity``, what ``with_`` adds (``"rpop"``, ``"relative_density"``, ``"genepy"``), and ``place_reason``, ``activity_reason``: why
    a place or an activity has no index. ``what`` asks for other rows: ``"places"``, ``"activities"``, ``"proximity"`` (pairs of
    activities) or ``"entries"`` (what places entered and left between consecutive periods).

    ``bootstrap`` gives so many replicates' intervals of ECI, rank and PCI (``what="places"`` or ``"activities"``), drawing anew
    ``resample``: ``"places"``, ``"activities"`` or ``"values"`` (multinomial noise of ``draws`` units a place); ``level`` is the part of
    the replicates inside an interval. ``periods`` computes only these. The rest is described in :mod:`xinzhi.industry`.

    Gives the frame; with ``record=True`` an :class:`Answer` with the frame as ``table`` and the run's record.

    >>> import pyarrow, xinzhi
    >>> made_up = pyarrow.table({
    ...     "place": ["A", "A", "A", "B", "B", "C"],
    ...     "activity": ["wheat", "ships", "chips", "wheat", "ships", "wheat"],
    ...     "value": [2.0, 3.0, 4.0, 5.0, 1.0, 6.0],
    ... })
    >>> cells = xinzhi.industry.complexity(made_up)
    >>> cells.num_rows, cells.column_names[:6]
    (9, ['time', 'place', 'activity', 'value', 'rca', 'mcp'])
    >>> places = xinzhi.industry.complexity(made_up, what="places")
    >>> dict(zip(places["place"].to_pylist(), places["diversity"].to_pylist()))
    {'A': 2, 'B': 1, 'C': 1}
    """
    answer = _answer("complexity", locals())
    return answer if record else answer.table


def space(
    table: Any = None,
    *,
    time: str | None = None,
    place: str = "place",
    activity: str = "activity",
    value: str = "value",
    duplicates: str = "error",
    missing: str = "error",
    population: _Known = None,
    income: _Known = None,
    universe: _Labels = None,
    data: _Path | None = None,
    tables: _Labels = None,
    measure: str = "exports",
    scheme: str = "HS4",
    convention: str | None = None,
    presence: str | None = None,
    strict: bool = False,
    proximity: str | None = None,
    diagonal: int | None = None,
    knn: int | None = None,
    leave_out: bool = False,
    sd: str | None = None,
    reflections: int | None = None,
    sign: str | None = None,
    fitness: str | None = None,
    core_value: float | None = None,
    core_population: float | None = None,
    period: _Label | None = None,
    mark: _Label | None = None,
    threshold: float | None = None,
    mean_degree: float | None = None,
    significance: bool = False,
    fdr: float | None = None,
    group_by: int | None = None,
    lang: str = "en",
) -> Answer:
    """The relatedness network ("product space") of a period, the last one without ``period``: tables ``edges`` and ``nodes``.

    ``mark`` marks what this place has. Links are kept from the proximity ``threshold`` on (0.55 without it), or the strongest until
    activities have ``mean_degree`` on average, besides the maximum spanning tree. ``significance`` tests every link against a null model
    that keeps both margins, at the false discovery rate ``fdr``. ``group_by``: how many characters of a code name its group in the
    picture (2 for HS chapters); communities without it. ``documents`` holds ``"graphml"`` and the picture, ``"svg"``.

    >>> import xinzhi
    >>> network = xinzhi.industry.space(None, mark="Germany", group_by=2)
    >>> list(network), network.documents["svg"][:4]
    (['edges', 'nodes'], '<svg')
    """
    return _answer("space", locals())


def opportunities(
    table: Any,
    of: _Label,
    /,
    *,
    time: str | None = None,
    place: str = "place",
    activity: str = "activity",
    value: str = "value",
    duplicates: str = "error",
    missing: str = "error",
    population: _Known = None,
    income: _Known = None,
    universe: _Labels = None,
    data: _Path | None = None,
    tables: _Labels = None,
    measure: str = "exports",
    scheme: str = "HS4",
    convention: str | None = None,
    presence: str | None = None,
    strict: bool = False,
    proximity: str | None = None,
    diagonal: int | None = None,
    knn: int | None = None,
    leave_out: bool = False,
    sd: str | None = None,
    reflections: int | None = None,
    sign: str | None = None,
    fitness: str | None = None,
    core_value: float | None = None,
    core_population: float | None = None,
    candidate_rca: float | None = None,
    must_stay: bool = False,
    with_diversity: bool = False,
    folds: int | None = None,
    period: _Label | None = None,
    items: int | None = None,
    no_model: bool = False,
    lang: str = "en",
) -> Answer:
    """What a place (``of``, its code or name) should transform, foster and build, with the evidence of every item.

    ``period`` is the last one without it; earlier periods say what rises, who entered and how well entry can be told. ``items`` of each
    track (10 without it). ``no_model`` leaves out the model of entry, which takes ``candidate_rca``, ``must_stay``, ``with_diversity``
    and ``folds`` as :func:`backtest`.

    >>> import warnings, xinzhi
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore", xinzhi.XinzhiWarning)  # the rules of the tracks, in words
    ...     found = xinzhi.industry.opportunities(None, "Germany", items=3, no_model=True)
    >>> set(found.table["track"].to_pylist()) <= {"transform", "foster", "build"}
    True
    """
    return _answer("opportunities", locals())


def backtest(
    table: Any = None,
    *,
    time: str | None = None,
    place: str = "place",
    activity: str = "activity",
    value: str = "value",
    duplicates: str = "error",
    missing: str = "error",
    population: _Known = None,
    income: _Known = None,
    universe: _Labels = None,
    data: _Path | None = None,
    tables: _Labels = None,
    measure: str = "exports",
    scheme: str = "HS4",
    convention: str | None = None,
    presence: str | None = None,
    strict: bool = False,
    proximity: str | None = None,
    diagonal: int | None = None,
    knn: int | None = None,
    leave_out: bool = False,
    sd: str | None = None,
    reflections: int | None = None,
    sign: str | None = None,
    fitness: str | None = None,
    core_value: float | None = None,
    core_population: float | None = None,
    candidate_rca: float | None = None,
    must_stay: bool = False,
    with_diversity: bool = False,
    folds: int | None = None,
    periods: _Labels = None,
    lang: str = "en",
) -> Answer:
    """How well entries could have been told before they were made, beside the baselines: tables ``models``, ``calibration``,
    ``transitions`` and, with periods enough, ``over_time``.

    An activity below ``candidate_rca`` (1 without it) is a candidate for entry. ``must_stay``: an entry must still be there one period
    later. ``with_diversity`` puts the place's diversity among the features. ``folds`` leaves places out in so many groups instead of one
    at a time. ``periods`` uses only these. At least two periods are needed.

    >>> import pyarrow, warnings, xinzhi
    >>> cells = [(year, c, p) for year in (2000, 2010) for c in range(12) for p in range(20)]
    >>> made_up = pyarrow.table({
    ...     "year": [year for year, _, _ in cells],
    ...     "place": [f"C{c:02}" for _, c, _ in cells],
    ...     "activity": [f"P{p:02}" for _, _, p in cells],
    ...     "value": [1.0 + (7 * c + 3 * p) % 5 if p <= c + (c * p + year // 10) % 6 else 0.01 for year, c, p in cells],
    ... })
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore", xinzhi.XinzhiWarning)
    ...     found = xinzhi.industry.backtest(made_up, time="year", folds=3)
    >>> found["transitions"].column_names
    ['from', 'to', 'places', 'activities', 'candidates', 'entries', 'base_rate']
    >>> found["models"]["model"].to_pylist()[:2]
    ['rca_level', 'density']
    """
    return _answer("backtest", locals())


def portfolio(
    table: Any = None,
    places: _Labels = None,
    *,
    time: str | None = None,
    place: str = "place",
    activity: str = "activity",
    value: str = "value",
    duplicates: str = "error",
    missing: str = "error",
    population: _Known = None,
    income: _Known = None,
    universe: _Labels = None,
    data: _Path | None = None,
    tables: _Labels = None,
    measure: str = "exports",
    scheme: str = "HS4",
    convention: str | None = None,
    presence: str | None = None,
    strict: bool = False,
    proximity: str | None = None,
    diagonal: int | None = None,
    knn: int | None = None,
    leave_out: bool = False,
    sd: str | None = None,
    reflections: int | None = None,
    sign: str | None = None,
    fitness: str | None = None,
    core_value: float | None = None,
    core_population: float | None = None,
    period: _Label | None = None,
    gain: float | None = None,
    target: float | None = None,
    growth: float | None = None,
    growth_coefficients: Iterable[float] | None = None,
    effort: str | None = None,
    lang: str = "en",
) -> Answer:
    """The least-effort activities that take ``places`` (all without them) to a complexity, proven cheapest.

    The goal is one of ``gain`` (so much above each place's own ECI; 0.1 without any goal), ``target`` (this ECI) or ``growth`` of income
    a year, which needs ``growth_coefficients`` (a1, a2, a3 and the constant of a1 ECI + a2 z + a3 ECI z + constant, z the standardised
    logarithm of income) and ``income``. ``effort`` of entry: ``"stepping-stone"`` (calibrated on three or more periods), ``"gap"`` (one
    period) or ``"auto"``.

    >>> import xinzhi
    >>> found = xinzhi.industry.portfolio(None, ["Germany", "CHN"], gain=0.05)
    >>> set(found.table["place"].to_pylist()) <= {"DEU", "CHN"}
    True
    """
    return _answer("portfolio", locals())


def sequence(
    table: Any,
    of: _Label,
    /,
    *,
    time: str | None = None,
    place: str = "place",
    activity: str = "activity",
    value: str = "value",
    duplicates: str = "error",
    missing: str = "error",
    population: _Known = None,
    income: _Known = None,
    universe: _Labels = None,
    data: _Path | None = None,
    tables: _Labels = None,
    measure: str = "exports",
    scheme: str = "HS4",
    convention: str | None = None,
    presence: str | None = None,
    strict: bool = False,
    proximity: str | None = None,
    diagonal: int | None = None,
    knn: int | None = None,
    leave_out: bool = False,
    sd: str | None = None,
    reflections: int | None = None,
    sign: str | None = None,
    fitness: str | None = None,
    core_value: float | None = None,
    core_population: float | None = None,
    period: _Label | None = None,
    targets: _Labels = None,
    portfolio_gain: float | None = None,
    threshold: float | None = None,
    scale: float | None = None,
    exponent: float | None = None,
    lang: str = "en",
) -> Answer:
    """The order of entries of a place (``of``) that takes the least time when every entry eases the next: ``sequence``, ``unreachable``.

    ``targets``: activities to enter; everything the place lacks without it, or the least-effort portfolio that gains
    ``portfolio_gain`` of ECI. Activities are linked from the proximity ``threshold`` on (0.55 without it). ``scale`` B and ``exponent``
    alpha of the probability of entry B (related / neighbours)^alpha (0.16 and 1.03 without them).

    >>> import xinzhi
    >>> missing = xinzhi.industry.portfolio(None, "VNM").table["activity"].to_pylist()
    >>> steps = xinzhi.industry.sequence(None, "VNM", targets=missing[:4])
    >>> set(steps["sequence"]["activity"].to_pylist()) <= set(missing[:4])
    True
    """
    return _answer("sequence", locals())


def peers(
    table: Any,
    of: _Label,
    /,
    *,
    time: str | None = None,
    place: str = "place",
    activity: str = "activity",
    value: str = "value",
    duplicates: str = "error",
    missing: str = "error",
    population: _Known = None,
    income: _Known = None,
    universe: _Labels = None,
    data: _Path | None = None,
    tables: _Labels = None,
    measure: str = "exports",
    scheme: str = "HS4",
    convention: str | None = None,
    presence: str | None = None,
    strict: bool = False,
    proximity: str | None = None,
    diagonal: int | None = None,
    knn: int | None = None,
    leave_out: bool = False,
    sd: str | None = None,
    reflections: int | None = None,
    sign: str | None = None,
    fitness: str | None = None,
    core_value: float | None = None,
    core_population: float | None = None,
    period: _Label | None = None,
    count: int | None = None,
    weights: Iterable[float] | None = None,
    structure: str | None = None,
    fit: str | None = None,
    lang: str = "en",
) -> Answer:
    """The places most like one (``of``), and its strengths, opportunities, weaknesses and threats against them.

    ``count`` of peers (10 without it). ``weights`` of structure, income and size in the combined list (1, 1, 1 without them; what is not
    known counts nothing; size is ``population``). ``structure``: how structures are compared: ``"cosine-shares"``,
    ``"cosine-presence"``, ``"jaccard-presence"``. ``fit``: technological fit against the peers' median density (``"peers"``) or the
    place's own mean (``"own"``).

    >>> import xinzhi
    >>> found = xinzhi.industry.peers(None, "Germany", count=5)
    >>> "DEU" in found["peers"]["place"].to_pylist()
    False
    """
    return _answer("peers", locals())


def _answer(verb: str, given: dict[str, Any]) -> Answer:
    """Forwards the arguments of a function to the engine and gives its tables the kind of the first argument."""
    table = given.pop("table")
    asked = given.pop("of", None)
    lang = given.pop("lang")
    given.pop("record", None)
    columns = {name: given.pop(name) for name in _COLUMNS}
    source: dict[str, Any] = {**columns, "path": None, "world_path": None, "pci": None}
    for name in ("duplicates", "missing", "measure", "scheme"):
        source[name] = given.pop(name)
    data = given.pop("data")
    source["data"] = None if data is None else os.fspath(data)
    source["tables"] = _texts(given.pop("tables"))
    frames: dict[str, Any] = {}
    needed = [column for column in columns.values() if column is not None]
    for name in ("population", "income"):
        source[name], frames[name] = _of_places(name, given.pop(name), columns)
        if source[name] is not None and "column" in source[name]:
            needed.append(source[name]["column"])
    if isinstance(table, (str, os.PathLike)):
        source["path"] = os.fspath(table)
        frames["table"] = None
    else:
        frames["table"] = None if table is None else _stream(table, needed, "the table")
    world = given.pop("world", None)
    if isinstance(world, (str, os.PathLike)):
        source["world_path"] = os.fspath(world)
    elif world is not None:
        frames["world"] = _stream(world, [column for column in columns.values() if column is not None], "world")
    pci = given.pop("pci", None)
    if _is_frame(pci):
        frames["pci"] = _stream(pci, [columns["activity"], "pci"], "pci")
    elif pci is not None:
        source["pci"] = [(str(key), number) for key, number in _numbers("pci", pci)]
    request: dict[str, Any] = {}
    if asked is not None:
        request["place"] = str(asked)
    for name, option in given.items():
        name = name.rstrip("_")
        if option is None:
            continue
        if name in _TEXTS:
            option = _texts(option)
        elif name in _TEXT:
            option = str(option)
        elif name in ("weights", "growth_coefficients"):
            option = [float(number) for number in option]
        if name in _CHOICES:
            request.setdefault("choices", {})[name] = option
        elif name in _BOOTSTRAP:
            request.setdefault("bootstrap", {})[name] = option
        elif name in _ENTRY:
            request.setdefault("entry", {})[name] = option
        else:
            request[name] = option
    tables, record, notes, documents = _native.industry(verb, _json(request), _json(source), lang, **frames)
    for note in notes:
        warnings.warn(note, XinzhiWarning, stacklevel=3)
    like = _like(table)
    return Answer({name: like(found) for name, found in tables}, json.loads(record), notes, dict(documents))


def _is_series(value: Any) -> bool:
    return type(value).__name__ == "Series"


def _is_frame(value: Any) -> bool:
    frame = hasattr(value, "__arrow_c_stream__") or (_library(value) == "pandas" and hasattr(value, "columns"))
    return frame and not _is_series(value)


def _stream(table: Any, needed: list[str], what: str) -> Any:
    """Something with ``__arrow_c_stream__`` that holds the columns needed; all of them where one is not there, so that the error can
    name what there is."""
    if not _is_frame(table):
        kinds = "a pandas or polars DataFrame, a pyarrow Table, anything with __arrow_c_stream__, a path, or None"
        hint = "; call .collect() first" if type(table).__name__ == "LazyFrame" else ""
        raise XinzhiError(f"{what} is of type {type(table).__name__}, which is no table; use {kinds}{hint}")
    names = _column_names(table)
    if all(column in names for column in needed):
        if _library(table) in ("pandas", "polars"):
            table = table[list(dict.fromkeys(needed))]
        elif hasattr(table, "select"):
            table = table.select(list(dict.fromkeys(needed)))
    if _library(table) != "pandas":
        return table
    try:
        import pyarrow
    except ImportError:
        raise XinzhiError("pandas hands tables over through pyarrow, which is missing; pip install pyarrow") from None
    try:
        return pyarrow.Table.from_pandas(table, preserve_index=False)
    except (pyarrow.ArrowException, TypeError, ValueError) as fault:
        raise XinzhiError(f"{what} has a column that is neither text nor numbers: {fault}") from fault


def _column_names(table: Any) -> list[Any]:
    """The names of the columns; none for a kind of table that has its own way to say them."""
    if _library(table) in ("pandas", "polars"):
        return list(table.columns)
    if _library(table) == "pyarrow":
        return list(table.schema.names)
    return []


def _of_places(name: str, known: _Known, columns: dict[str, Any]) -> tuple[dict[str, Any] | None, Any]:
    """What is known of places: how the engine finds it, and the frame where it is one."""
    if known is None:
        return None, None
    if isinstance(known, str):
        return {"column": known}, None
    if _is_frame(known):
        needed = [columns["place"], name]
        if columns["time"] in _column_names(known):
            needed.append(columns["time"])
        return None, _stream(known, needed, name)
    rows = []
    for key, number in _numbers(name, known):
        period, place = key if isinstance(key, tuple) and len(key) == 2 else ("", key)
        rows.append((str(period), str(place), number))
    return {"rows": rows}, None


def _numbers(name: str, known: Any) -> list[tuple[Any, float]]:
    if not hasattr(known, "items"):
        raise XinzhiError(f"{name} is of type {type(known).__name__}; use a column's name, a mapping or a frame")
    try:
        pairs = [(key, float(number)) for key, number in known.items() if number is not None]
    except (TypeError, ValueError) as fault:
        raise XinzhiError(f"{name} holds something that is no number: {fault}") from None
    endless = [key for key, number in pairs if math.isinf(number)]
    if endless:
        raise XinzhiError(f"{name} of {endless[0]} is not finite; correct it or leave it out")
    return [(key, number) for key, number in pairs if not math.isnan(number)]
