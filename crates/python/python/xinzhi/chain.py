"""Who stands behind a place's production: the program's ``chain`` verbs as functions, and the matrices under pymrio's names.

A :class:`System` is an input-output table made ready for computing. It comes from a workspace (:meth:`System.workspace`; the built-in
world tables without more), or from labelled frames or arrays. Its matrices have pymrio's names: ``Z``, ``Y``, ``x``, ``A``, ``L``,
``B``, ``G``, and with an extension ``F``, ``S``, ``M``, ``D_cba`` and the rest (:meth:`System.matrix`).

The functions take a system first, or ``None`` for the newest built-in table, and give a frame: of pandas where it is installed, else of
pyarrow; with ``record=True`` an :class:`xinzhi.Answer` with all tables, the record of the run and the notes, which also come as
:class:`xinzhi.XinzhiWarning`. The system is factorised once, when first needed, and keeps its factor.

>>> import pandas, xinzhi
>>> sectors = pandas.MultiIndex.from_tuples([("A", "all"), ("B", "all")], names=["region", "sector"])
>>> final = pandas.MultiIndex.from_tuples([("A", "final"), ("B", "final")], names=["region", "category"])
>>> made_up = xinzhi.chain.System(
...     pandas.DataFrame([[10.0, 20.0], [30.0, 40.0]], sectors, sectors),
...     pandas.DataFrame([[50.0, 20.0], [10.0, 20.0]], sectors, final),
... )
>>> float(made_up.L.loc[("B", "all"), ("A", "all")])
0.625
>>> exports = xinzhi.chain.gvc(made_up)
>>> exports.columns[:4].tolist(), exports["DC"].round(6).tolist()
(['region', 'EXGR', 'DC', 'DVA'], [30.0, 30.0])
"""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Iterable
from typing import Any, Union

from . import _native
from ._native import XinzhiError, XinzhiWarning
from .answer import Answer, _frames, _json, _library, _like, _texts
from .industry import _stream

_Folder = Union[str, "os.PathLike[str]", None]
_Texts = Union[str, Iterable[str], None]

# options that are lists of texts
_LISTS = (
    "exporters",
    "groups",
    "users",
    "regions",
    "barriers",
    "order",
    "unlisted",
    "extract",
    "from",
    "to",
    "goods",
    "consumption",
    "measures",
    "stressors",
    "energy",
    "failing",
    "without",
    "critical_sectors",
    "not_storable",
)

__all__ = [
    "System",
    "balance",
    "breakthroughs",
    "chokepoints",
    "decomposition",
    "dependence",
    "embargo",
    "exposure",
    "extraction",
    "firms",
    "footprint",
    "gvc",
    "households",
    "influence",
    "multipliers",
    "paths",
    "plan",
    "position",
    "scenario",
    "shock",
    "supply_use",
]

#: Names of the matrices that need no extension, and of those that do.
MATRICES = ("Z", "Y", "x", "A", "L", "B", "G", "v")
ACCOUNTS = ("F", "S", "M")


class System:
    """An input-output table made ready for computing.

    ``Z`` are the deliveries between industries, ``Y`` those to final demand: data frames of pandas whose rows and columns are labelled
    (region, sector), the columns of ``Y`` (region, category); or two-dimensional arrays with the labels as ``industries`` and
    ``final_demand``, lists of pairs. Output is recomputed from the rows. ``extensions`` maps names to F, or to a pair (F, F_Y): frames
    with stressors as rows, labelled by name or (name, unit), and the columns of ``Z`` (and ``Y``).

    ``negative_flows="zero"`` sets negative deliveries between industries to zero, which the record and a warning tell; without it they
    are an error. Negative final demand (inventories) is kept.
    """

    def __init__(
        self,
        Z: Any,
        Y: Any,
        *,
        industries: Any = None,
        final_demand: Any = None,
        extensions: dict[str, Any] | None = None,
        name: str = "a table",
        period: int = 0,
        unit: str = "",
        negative_flows: str | None = None,
    ) -> None:
        z, rows, columns = _labelled("Z", Z, industries, industries)
        if rows != columns:
            raise XinzhiError("the columns of Z have other labels than its rows, or another order")
        y, y_rows, y_columns = _labelled("Y", Y, rows if industries is not None else None, final_demand)
        if y_rows != rows:
            raise XinzhiError("the rows of Y have other labels than those of Z, or another order")
        satellites = [_satellite(of, flows, rows, y_columns) for of, flows in (extensions or {}).items()]
        head = {
            "name": name,
            "period": period,
            "unit": unit,
            "industries": rows,
            "final_demand": y_columns,
            "negative_flows": negative_flows,
        }
        self._native = _native.ChainTable.of_flows(_json(head), z, y, satellites)

    @classmethod
    def workspace(
        cls,
        system: str | None = None,
        period: int | None = None,
        *,
        table: str | None = None,
        value_added: str | None = None,
        negative_flows: str | None = None,
        data: _Folder = None,
    ) -> System:
        """A table of a workspace (the built-in one without ``data``): by its id (``table``), or the one of a ``system`` and year.

        >>> import xinzhi
        >>> xinzhi.chain.System.workspace("wiod2013", 2011)
        <xinzhi.chain.System: wiod2013 2011, 41 regions, 1435 industries, million USD>
        """
        choice = {"table": table, "system": system, "period": period}
        choice.update(value_added=value_added, negative_flows=negative_flows)
        return cls._of(_native.ChainTable.of_workspace(_json(choice), None if data is None else os.fspath(data)))

    @classmethod
    def read(
        cls,
        *files: Any,
        edition: _Folder = None,
        period: int | None = None,
        sheet: str | None = None,
        unit: str | None = None,
        repair: _Texts = None,
        no_repair: _Texts = None,
        tolerance: float | None = None,
        value_added: str | None = None,
        negative_flows: str | None = None,
    ) -> System:
        """A table as published (csv, zip, workbook, R data or folder), its edition found out from the header.

        ``edition`` names one, or is a schema file of your own. What was repaired, and how far sums are from stated totals, comes as
        :class:`xinzhi.XinzhiWarning`.
        """
        options = {
            "edition": None if edition is None else os.fspath(edition),
            "period": period,
            "sheet": sheet,
            "unit": unit,
            "tolerance": tolerance,
            "repair": _texts(repair),
            "no_repair": _texts(no_repair),
            "value_added": value_added,
            "negative_flows": negative_flows,
        }
        native, notes = _native.ChainTable.of_files([os.fspath(file) for file in files], _json(options))
        for note in notes:
            warnings.warn(note, XinzhiWarning, stacklevel=2)
        return cls._of(native)

    def aggregate(
        self,
        *,
        groups: _Texts = None,
        keep: _Texts = None,
        rest: str | None = None,
        sectors: dict[str, str] | None = None,
        categories: dict[str, str] | None = None,
        name: str | None = None,
    ) -> System:
        """A smaller system: regions put together (``groups``: ``"NAME=REGION+REGION"`` or ``"EU27"``), all but ``keep`` in one
        (``rest``), ``sectors`` and ``categories`` by a mapping to groups. By how much its multipliers are off comes as a warning; where
        you can, solve the full system and aggregate results."""
        request = {"groups": _texts(groups), "keep": _texts(keep), "rest": rest, "name": name}
        request["sectors"] = list((sectors or {}).items())
        request["categories"] = list((categories or {}).items())
        native, told = self._native.aggregate(_json(request))
        return System._made(native, told)

    def nest(
        self,
        *files: Any,
        sectors: Iterable[tuple[str, str, float]],
        country: str = "CHN",
        exports: _Texts = "EX",
        ignored: _Texts = None,
        edition: _Folder = None,
        period: int | None = None,
        name: str | None = None,
    ) -> System:
        """The system with the provinces of a provincial table (``files``, as published) in place of their country. ``sectors``: sector
        of the provinces, sector of the country, weight. ``exports``, ``ignored``: categories of the provincial table's final demand."""
        options = {
            "edition": None if edition is None else os.fspath(edition),
            "period": period,
            "sheet": None,
            "unit": None,
        }
        options.update(repair=[], no_repair=[], tolerance=None, value_added=None, negative_flows=None)
        request = {"country": country, "exports": _texts(exports), "ignored": _texts(ignored), "name": name}
        request["sectors"] = [(str(a), str(b), float(weight)) for a, b, weight in sectors]
        native, told = self._native.nest([os.fspath(file) for file in files], _json(options), _json(request))
        return System._made(native, told)

    @classmethod
    def _made(cls, native: Any, told: Any) -> System:
        for note in told[2]:
            warnings.warn(note, XinzhiWarning, stacklevel=3)
        return cls._of(native)

    @classmethod
    def _of(cls, native: Any) -> System:
        made = cls.__new__(cls)
        made._native = native
        return made

    def __repr__(self) -> str:
        name, unit, size, regions, _ = self._native.describe()
        return f"<xinzhi.chain.System: {name}, {len(regions)} regions, {size} industries, {unit or 'no unit'}>"

    @property
    def regions(self) -> list[str]:
        """The regions, in order."""
        return self._native.describe()[3]

    @property
    def extensions(self) -> list[str]:
        """The names of the extensions; ``value_added`` and ``output`` are always there."""
        return self._native.describe()[4]

    def matrix(self, name: str, extension: str | None = None) -> Any:
        """A matrix by pymrio's name, as a data frame of pandas with labelled rows and columns.

        Without an extension ``Z``, ``Y``, ``x``, ``A``, ``L``, ``B``, ``G``, ``v``; with the name of one ``F``, ``S``, ``M``, ...
        """
        try:
            import pandas
        except ImportError:
            raise XinzhiError(
                "labelled matrices are data frames of pandas, which is missing; pip install pandas"
            ) from None
        values, row_levels, rows, column_levels, columns = self.array(name, extension)
        index = (
            pandas.MultiIndex.from_tuples
            if len(row_levels) > 1
            else (lambda labels, names: pandas.Index([one for (one,) in labels], name=names[0]))
        )
        header = (
            pandas.MultiIndex.from_tuples
            if len(column_levels) > 1
            else (lambda labels, names: pandas.Index([one for (one,) in labels], name=names[0]))
        )
        return pandas.DataFrame(
            values,
            index([tuple(label) for label in rows], names=row_levels),
            header([tuple(label) for label in columns], names=column_levels),
        )

    def array(self, name: str, extension: str | None = None) -> tuple[Any, list[str], list[Any], list[str], list[Any]]:
        """The same as an array of numpy: values, levels and labels of the rows, levels and labels of the columns."""
        import numpy

        row_levels, rows, column_levels, columns, values = self._native.matrix(name, extension)
        return numpy.frombuffer(values).reshape(len(rows), len(columns)), row_levels, rows, column_levels, columns

    def __getattr__(self, name: str) -> Any:
        if name in MATRICES:
            return self.matrix(name)
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *MATRICES]


def gvc(
    system: System | None = None,
    *,
    method: str | None = None,
    by: str | None = None,
    perspective: str | None = None,
    exporters: _Texts = None,
    groups: _Texts = None,
    record: bool = False,
    lang: str = "en",
) -> Any:
    """Where the value of exports comes from, in the unit of the table.

    ``method``: ``"bm-src"`` (Borin and Mancini, source; the default), ``"bm-snk"`` (sink), ``"bm-origin"`` (by where the value is added),
    ``"kww"``, ``"wwz"``, ``"my"`` (Miroudot and Ye), ``"tiva"``. ``by``: a row each ``"region"``, ``"partner"``, ``"sector"`` or
    ``"partner-sector"``. ``perspective``: the border at which value added counts once: ``"exporter"``, ``"sector"``, ``"bilateral"``,
    ``"bilateral-sector"``, ``"importer"``, ``"world"``. ``groups``: regions as one exporter: ``"NAME=REGION+REGION"``, or ``"EU27"``,
    ``"ASEAN"``, ``"NAFTA"``, ``"BRICS"``, ``"G7"``.

    >>> import warnings, xinzhi
    >>> warnings.simplefilter("ignore", xinzhi.XinzhiWarning)
    >>> exports = xinzhi.chain.gvc(method="kww", exporters="CHN")
    >>> round(float(exports["DVA_FIN"].iloc[0] / exports.drop(columns="region").sum(axis=1).iloc[0]), 2)
    0.36
    """
    return _answer("gvc", locals())


def exposure(
    system: System | None = None,
    *,
    scope: str | None = None,
    supplier_scope: str | None = None,
    side: str | None = None,
    by: str | None = None,
    users: _Texts = None,
    groups: _Texts = None,
    record: bool = False,
    lang: str = "en",
) -> Any:
    """On whom industries lean, directly and through their suppliers' suppliers: shares that sum to 1 over the suppliers of a user.

    ``scope`` and ``supplier_scope``: ``"all"``, ``"manufacturing"`` or codes of sectors separated by commas. ``side``: ``"inputs"``
    (foreign input reliance) or ``"markets"`` (foreign market reliance). ``by``: ``"region"`` or ``"industry"``. The hidden part is
    look-through less face value.
    """
    return _answer("exposure", locals())


def position(system: System | None = None, *, regions: _Texts = None, record: bool = False, lang: str = "en") -> Any:
    """How far industries stand from final use (upstreamness) and from primary inputs (downstreamness)."""
    return _answer("position", locals())


def chokepoints(
    system: System | None = None,
    *,
    place: str | None = None,
    barriers: _Texts = None,
    order: _Texts = None,
    single_source: float | None = None,
    unlisted: _Texts = None,
    top: int | None = None,
    top_per_user: int | None = None,
    record: bool = False,
    lang: str = "en",
) -> Any:
    """Which foreign suppliers would hurt most if they were cut off, among all cuts of one supplier from one user.

    ``place``: the user region; all without it. ``barriers``: regions whose deliveries are at risk in your judgement; ``"REGION=WEIGHT"``
    orders among them. ``order``: what decides, the first first: ``"loss"``, ``"barrier"``, ``"single-source"``, ``"share"``,
    ``"concentration"``, ``"alternatives"``.
    """
    return _answer("chokepoints", locals())


def breakthroughs(
    system: System | None = None,
    *,
    place: str,
    barriers: _Texts = None,
    order: _Texts = None,
    unlisted: _Texts = None,
    concentrated: float | None = None,
    single_source: float | None = None,
    mostly_foreign: float | None = None,
    top: int | None = None,
    record: bool = False,
    lang: str = "en",
) -> Any:
    """The foreign inputs of a place whose loss would hurt most, sector by sector, with what the place can do itself and, for a table of a
    workspace that has exports by product, how near it is to the products behind each sector.

    ``order``: what decides, the first first: ``"loss"``, ``"barrier-loss"``, ``"leading-loss"``, ``"barrier"``, ``"concentration"``,
    ``"foreign-share"``, ``"imports-over-exports"``. ``barriers``: regions whose deliveries are at risk in your judgement.
    """
    return _answer("breakthroughs", locals())


def plan(
    system: System | None = None,
    *,
    place: str,
    target: float | None = None,
    target_value: float | None = None,
    scenarios: str | None = None,
    days: float | None = None,
    barriers: _Texts = None,
    without: _Texts = None,
    most_cuts: int | None = None,
    risk: str | None = None,
    critical_share: float | None = None,
    critical_sectors: _Texts = None,
    rationing: str | None = None,
    capital_cost: float | None = None,
    storage_cost: float | None = None,
    second_source_cost: float | None = None,
    most_stock_days: float | None = None,
    most_second_source: float | None = None,
    not_storable: _Texts = None,
    frontier: bool = False,
    record: bool = False,
    lang: str = "en",
) -> Any:
    """The cheapest stocks and second sources with which a place keeps its loss from cuts of foreign supplies within a target.

    ``target``: a share of the loss without a plan (0.5), or ``target_value``. ``scenarios``: ``"cuts"`` (one foreign industry at a time)
    or ``"regions"``, each lasting ``days`` (90). ``risk``: ``"expected"`` or ``"cvar:0.9"``. ``rationing``: who goes
    short when an industry of the place makes less, ``"industries-first"`` (final users and exports before industries) or
    ``"proportional"``. The costs are assumptions: give your own.
    ``frontier=True`` puts the cost of targets from 0 to 100 % first. With ``record=True`` the tables ``plan``, ``summary``,
    ``chokepoints`` (suppliers by shadow price) and ``cuts``, and in the record what proves the plan. A target out of reach is an error that
    says what can be reached.
    """
    return _answer("plan", locals())


def extraction(
    system: System | None = None,
    *,
    extract: _Texts = None,
    kind: str | None = None,
    replacement: str | None = None,
    record: bool = False,
    lang: str = "en",
) -> Any:
    """What the world would lose if industries were not there: of one set (``extract``: ``"REGION"``, ``"REGION:SECTOR"``, a group), what
    every region loses; without it every industry on its own.

    ``kind``: ``"full"``, ``"keeping-final-demand"``, ``"purchases"``, ``"sales"``, ``"supply-side-sales"``, ``"supply-side-full"``.
    ``replacement``: who takes over: ``"nobody"``, ``"imports"``, ``"all"``.
    """
    return _answer("extraction", locals())


def embargo(
    system: System | None = None,
    *,
    from_: _Texts = None,
    to: _Texts = None,
    model: str | None = None,
    replacement: str | None = None,
    inputs_only: bool | None = None,
    record: bool = False,
    lang: str = "en",
) -> Any:
    """What regions would lose if ``from_`` stopped delivering to ``to``; every region against every other without both.

    ``model``: whose loss is followed: ``"demand"`` (the supplier's sales) or ``"supply"`` (the user's inputs).
    """
    return _answer("embargo", locals())


def paths(
    system: System | None = None,
    *,
    extension: str | None = None,
    stressor: str | None = None,
    place: str | None = None,
    goods: _Texts = None,
    top: int | None = None,
    coverage: float | None = None,
    record: bool = False,
    lang: str = "en",
) -> Any:
    """The largest supply paths along which something (``extension``; value added without it) arises behind a final demand (``place``'s,
    the world's without it), proven to be the largest."""
    return _answer("paths", locals())


def decomposition(
    before: System,
    after: System,
    *,
    extension: str | None = None,
    stressor: str | None = None,
    method: str | None = None,
    demand: str | None = None,
    by: str | None = None,
    record: bool = False,
    lang: str = "en",
) -> Any:
    """Why output, or what arises with it (``extension``), changed between two systems with the same labels: a column a factor.

    ``method``: ``"all-orders"`` or ``"two-polar"``; ``demand``: ``"structure"``, ``"composition"`` or ``"whole"``; ``by``: ``"region"``,
    ``"industry"`` or ``"total"``.

    >>> import warnings, xinzhi
    >>> warnings.simplefilter("ignore", xinzhi.XinzhiWarning)
    >>> table = xinzhi.chain.System.workspace
    >>> parts = xinzhi.chain.decomposition(table("wiod2013", 2005), table("wiod2013", 2011), by="total")
    >>> round(float(parts["technology"].iloc[0] / parts["change"].iloc[0]), 3) < 0.3
    True
    """
    return _answer("decomposition", locals())


def households(
    system: System,
    *,
    wages: str,
    consumption: _Texts,
    share: float | None = None,
    measures: _Texts = None,
    record: bool = False,
    lang: str = "en",
) -> Any:
    """Type I and Type II multipliers: ``wages`` names the extension (``"EXTENSION:ROW"``) that industries pay to households,
    ``consumption`` the categories of final demand that households buy."""
    return _answer("households", locals())


def influence(
    system: System | None = None,
    *,
    rise: float | None = None,
    top: int | None = None,
    order: str | None = None,
    record: bool = False,
    lang: str = "en",
) -> Any:
    """Which input coefficients the whole system feels most: the first-order field of influence."""
    return _answer("influence", locals())


def balance(
    table: Any, row_totals: Any, column_totals: Any, *, method: str = "gras", known: Any = (), record: bool = False
) -> Any:
    """A table (a data frame of pandas) brought to given row and column totals by ``"ras"`` (non-negative tables) or ``"gras"``.

    Totals are series or mappings by label, or sequences in the table's order. ``known``: cells (row, column) that keep their value.

    >>> import pandas, xinzhi
    >>> table = pandas.DataFrame([[1.0, 1.0], [1.0, 1.0]], index=["a", "b"], columns=["c", "d"])
    >>> xinzhi.chain.balance(table, {"a": 30.0, "b": 70.0}, {"c": 40.0, "d": 60.0}, method="ras").round(6).values.tolist()
    [[12.0, 18.0], [28.0, 42.0]]
    """
    if _library(table) != "pandas":
        raise XinzhiError(f"the table is of type {type(table).__name__}; use a data frame of pandas")
    rows, columns = [str(label) for label in table.index], [str(label) for label in table.columns]
    u, v = _totals("row_totals", row_totals, table.index), _totals("column_totals", column_totals, table.columns)
    cells = [(str(row), str(column)) for row, column in known]
    values = _numbers("the table", table).tobytes()
    tables, told, notes, _ = _native.balance(method, rows, columns, values, u, v, cells)
    import pandas

    frames = {name: _frames()(found) for name, found in tables}
    wide = frames["balanced"].set_index("row")
    wide = pandas.DataFrame(wide.to_numpy(), table.index, table.columns)
    frames["balanced"] = wide
    return Answer(frames, json.loads(told), notes, {}) if record else wide


def _totals(what: str, totals: Any, labels: Any) -> bytes:
    import numpy

    ordered = [totals[label] for label in labels] if hasattr(totals, "keys") else list(totals)
    if len(ordered) != len(labels):
        raise XinzhiError(f"{what} has {len(ordered)} numbers for {len(labels)} labels")
    return numpy.ascontiguousarray(ordered, dtype="<f8").tobytes()


def supply_use(*files: Any, model: str = "D", period: int | None = None, tolerance: float | None = None) -> System:
    """The input-output table behind supply and use tables (make and use, told apart by their labels): ``model`` ``"A"`` product
    technology, ``"B"`` industry technology, ``"C"`` fixed industry sales, ``"D"`` fixed product sales."""
    native, told = _native.supply_use([os.fspath(file) for file in files], model, period, tolerance)
    return System._made(native, told)


def footprint(
    system: System | None = None,
    *,
    extension: str | None = None,
    stressors: _Texts = None,
    by: str | None = None,
    energy: _Texts = None,
    imports_by_sector: bool | None = None,
    record: bool = False,
    lang: str = "en",
) -> Any:
    """What arises behind final demand, and where, under pymrio's names: ``by`` ``"region"`` (D_cba, D_pba, D_imp, D_exp), ``"sector"``
    (with S, M, M_up, M_down), ``"bilateral"``, ``"eebt"`` (embodied in bilateral trade), ``"scopes"`` (with the ``energy`` sectors) or
    ``"trade"`` (gross flows). ``extension``: value added without it.

    >>> import warnings, xinzhi
    >>> warnings.simplefilter("ignore", xinzhi.XinzhiWarning)
    >>> accounts = xinzhi.chain.footprint()
    >>> abs(float(accounts["D_cba"].sum() / accounts["D_pba"].sum()) - 1) < 1e-12
    True
    """
    return _answer("footprint", locals())


def multipliers(
    system: System | None = None,
    *,
    extension: str | None = None,
    variation: bool | None = None,
    record: bool = False,
    lang: str = "en",
) -> Any:
    """What one unit of final demand brings about, and how industries are linked: output multiplier, forward linkage (Ghosh), power and
    sensitivity of dispersion, key sectors; and the multipliers of an extension (value added without it)."""
    return _answer("multipliers", locals())


def dependence(
    regions: _Texts,
    *,
    table: str | None = None,
    rule: str | None = None,
    import_concentration: float | None = None,
    foreign_share: float | None = None,
    imports_over_exports: float | None = None,
    world_export_concentration: float | None = None,
    periods: Any = None,
    all: bool | None = None,
    lag: int | None = None,
    data: _Folder = None,
    record: bool = False,
    lang: str = "en",
) -> Any:
    """On which products regions depend on few suppliers from outside, by the European Commission's rule (``"eu"``) or GeoDep's
    (``"geodep"``), from the tables of trade of a workspace."""
    given = locals()
    source = {"table": given.pop("table"), "data": None if given.pop("data") is None else os.fspath(data)}
    return _told(given, lambda request, lang: _native.dependence(request, lang, source["table"], source["data"]))


def scenario(name: str) -> dict[str, Any]:
    """A scenario that comes with the package, as a dict to look at and change: ``machine-tool-embargo``, ``chip-cut``,
    ``rare-earth-export-control``, ``closed-ev-market``, ``port-closure`` or ``earthquake``."""
    return json.loads(_native.example_scenario(name))


def shock(
    scenario: Any,
    system: System | None = None,
    *,
    model: _Texts = None,
    place: str | None = None,
    by: str | None = None,
    draws: int | None = None,
    seed: int | None = None,
    top: int | None = None,
    data: _Folder = None,
    record: bool = False,
    lang: str = "en",
) -> Any:
    """What a scenario of shocks costs by six models side by side.

    ``scenario`` is a dict with the fields of the program's scenario files, the path of such a file, or the name of one that comes with
    the package (:func:`scenario`). ``model`` is one or several of ``"leontief"``, ``"replacement"``, ``"ghosh"``, ``"pbl"``, ``"ario"``
    and ``"hat"``; all without it. ``by`` is the table that leads: ``"models"``, ``"regions"``, ``"industries"``, ``"days"``,
    ``"checks"`` or ``"shocks"``. ``draws`` repeats the models with drawn stocks, criticality and elasticities; ``low`` and ``high`` are
    then the 5th and 95th percentile. With ``record=True`` the pictures are among the documents, as SVG.

    >>> import xinzhi
    >>> made_up = {"name": "no machinery from Japan", "place": "CHN", "shock": [
    ...     {"what": "flow", "who": ["JPN:c13"], "against": ["CHN"], "loss": 1.0}]}
    >>> found = xinzhi.chain.shock(made_up, model=["leontief", "ghosh"])  # doctest: +ELLIPSIS
    >>> found["model"].tolist(), bool((found["value_added_loss"] > 0).any())
    (['leontief', 'ghosh'], True)
    """
    given = locals()
    asked, system, data = given.pop("scenario"), _system(given.pop("system")), given.pop("data")
    given["model"] = None if model is None else _texts(model)
    if isinstance(asked, dict):
        text = _json(asked)
    elif os.path.exists(asked):
        with open(asked, encoding="utf-8") as file:
            text = _json(file.read())
    else:
        text = _native.example_scenario(os.fspath(asked))
    folder = None if data is None else os.fspath(data)
    return _told(given, lambda request, lang: system._native.shock(text, request, lang, folder))


def firms(
    links: Any,
    sectors: Any = None,
    *,
    supplier: str = "supplier",
    buyer: str = "buyer",
    value: str = "value",
    firm: str = "firm",
    sector: str = "sector",
    size: str | None = None,
    essential: Any = None,
    failing: Any = None,
    scenario: dict[str, Any] | None = None,
    components: bool | None = None,
    inputs_of: str | None = None,
    top: int | None = None,
    sample: int | None = None,
    rule: str | None = None,
    tolerance: float | None = None,
    max_steps: int | None = None,
    negligible: float | None = None,
    duplicates: str | None = None,
    self_links: str | None = None,
    without_sector: str | None = None,
    missing: str = "error",
    record: bool = False,
    lang: str = "en",
) -> Any:
    """Whose failure would cost an economy most: the economic systemic risk index of every firm, ranked, with how it stands as a supplier.

    ``links`` is a frame (of pandas, polars, pyarrow) or a file with the columns ``supplier``, ``buyer`` and ``value``; ``sectors`` one with
    the columns ``firm``, ``sector`` and, where named, ``size``, or a dict of firms and their sectors. ``essential`` are triples (supplying
    sector, buying sector, ``"essential"``, ``"non-essential"`` or ``"ignored"``), with ``"*"`` for every sector. Instead of every firm
    alone: ``failing`` (a list of names, or a dict of names and the shares of their output that are lost) is one cascade,
    and so is ``scenario``, a dict as :func:`shock` takes it whose shocks name ``firms``;
    ``components=True`` the connected parts, ``inputs_of`` the suppliers of one firm. The frame is of the kind of ``links``.

    >>> import pandas, xinzhi
    >>> links = pandas.DataFrame({"supplier": ["farm", "mill"], "buyer": ["mill", "bakery"], "value": [1.0, 1.0]})
    >>> sectors = {"farm": "A01", "mill": "C10", "bakery": "C11"}
    >>> xinzhi.chain.firms(links, sectors, failing={"mill": 0.5})[["firm", "loss", "lost"]].values.tolist()
    [['farm', 0.5, 0.5], ['mill', 0.5, 0.5], ['bakery', 0.5, 0.0]]
    """
    frames: dict[str, Any] = {}
    source: dict[str, Any] = {"supplier": supplier, "buyer": buyer, "value": value, "firm": firm, "sector": sector}
    source.update(size=size, missing=missing)
    source["choice"] = {"duplicates": duplicates, "self_links": self_links, "without_sector": without_sector}
    if isinstance(links, (str, os.PathLike)):
        source["links_path"] = os.fspath(links)
    else:
        frames["links"] = _stream(links, [supplier, buyer, value], "links")
    if isinstance(sectors, (str, os.PathLike)):
        source["firms_path"] = os.fspath(sectors)
    elif isinstance(sectors, dict):
        source["firms"] = [(str(name), str(code)) for name, code in sectors.items()]
    elif sectors is not None:
        frames["firms"] = _stream(sectors, [firm, sector, *([] if size is None else [size])], "sectors")
    if scenario is not None:
        named = [shock for shock in scenario.get("shock", []) if shock.get("firms")]
        if not named or failing is not None:
            raise XinzhiError("a scenario of firms has a shock with `firms`, and stands in place of `failing`")
        failing = {name: shock.get("loss", 1.0) for shock in named for name in shock["firms"]}
    if isinstance(failing, dict):
        failing = [f"{name}={share}" for name, share in failing.items()]
    if essential is not None:
        essential = [tuple(map(str, row)) for row in essential]
    given = {"failing": failing, "components": components, "inputs_of": inputs_of, "top": top, "sample": sample}
    given.update(rule=rule, essential=essential, tolerance=tolerance, max_steps=max_steps, negligible=negligible)
    given.update(record=record, lang=lang)
    like = _like(links) if frames.get("links") is not None else None
    return _told(given, lambda request, lang: _native.firms(request, _json(source), lang, **frames), like)


def _answer(verb: str, given: dict[str, Any]) -> Any:
    """Forwards the arguments of a function to the engine."""
    if verb == "decomposition":
        before = _system(given.pop("before"))
        return _told(
            given, lambda request, lang: before._native.decomposition(_system(given["after"])._native, request, lang)
        )
    system = _system(given.pop("system"))
    return _told(given, lambda request, lang: system._native.answer(verb, request, lang))


def _system(system: Any) -> System:
    if system is None:
        return System.workspace()
    if not isinstance(system, System):
        kind = type(system).__name__
        raise XinzhiError(f"the system is of type {kind}; use xinzhi.chain.System, or None for the built-in table")
    return system


def _told(given: dict[str, Any], ask: Any, like: Any = None) -> Any:
    """The frame of an answer, or all of it; what a reader should be told as warnings."""
    record, lang = given.pop("record"), given.pop("lang")
    request = {}
    for name, option in given.items():
        if option is None or isinstance(option, System):
            continue
        name = name.rstrip("_")
        request[name] = _texts(option) if name in _LISTS else option
    tables, told, notes, documents = ask(_json(request), lang)
    for note in notes:
        warnings.warn(note, XinzhiWarning, stacklevel=4)
    like = like or _frames()
    answer = Answer({name: like(found) for name, found in tables}, json.loads(told), notes, dict(documents))
    return answer if record else answer.table


def _pairs(what: str, labels: Any) -> list[tuple[str, str]]:
    pairs = [tuple(label) if isinstance(label, (tuple, list)) else label for label in labels]
    for pair in pairs:
        if not isinstance(pair, tuple) or len(pair) != 2:
            raise XinzhiError(f"{what} are labelled by pairs, such as (region, sector); {pair!r} is none")
    return [(str(first), str(second)) for first, second in pairs]


def _numbers(what: str, table: Any) -> Any:
    import numpy

    try:
        values = numpy.ascontiguousarray(table, dtype="<f8")
    except (TypeError, ValueError) as fault:
        raise XinzhiError(f"{what} holds something that is no number: {fault}") from None
    if values.ndim != 2:
        raise XinzhiError(f"{what} has {values.ndim} dimensions; it is a table of rows and columns")
    return values


def _labelled(
    what: str, table: Any, rows: Any, columns: Any
) -> tuple[bytes, list[tuple[str, str]], list[tuple[str, str]]]:
    """The numbers of a frame or array as bytes, with the labels of its rows and columns."""
    if _library(table) == "pandas":
        rows, columns = table.index, table.columns
    elif rows is None or columns is None:
        raise XinzhiError(
            f"{what} is of type {type(table).__name__}: use a labelled data frame of pandas, or give the labels as industries and final_demand"
        )
    values = _numbers(what, table)
    row_pairs, column_pairs = _pairs(f"rows of {what}", rows), _pairs(f"columns of {what}", columns)
    if values.shape != (len(row_pairs), len(column_pairs)):
        raise XinzhiError(
            f"{what} is {values.shape[0]} by {values.shape[1]}, but there are {len(row_pairs)} and {len(column_pairs)} labels"
        )
    return values.tobytes(), row_pairs, column_pairs


def _satellite(name: str, flows: Any, industries: Any, final_demand: Any) -> tuple[str, bytes, bytes | None]:
    """An extension's head and numbers."""
    f, f_y = flows if isinstance(flows, tuple) else (flows, None)
    if _library(f) != "pandas":
        raise XinzhiError(
            f"the extension {name!r} is of type {type(f).__name__}: use a data frame of pandas with stressors as rows"
        )
    stressors = [tuple(map(str, label)) if isinstance(label, tuple) else (str(label), "") for label in f.index]
    if any(len(label) != 2 for label in stressors):
        raise XinzhiError(f"the stressors of the extension {name!r} are labelled by name, or by (name, unit)")
    for what, frame, columns in ((f"F of {name}", f, industries), (f"F_Y of {name}", f_y, final_demand)):
        if frame is not None and _pairs(f"columns of {what}", frame.columns) != columns:
            raise XinzhiError(f"the columns of {what} have other labels than the table, or another order")
    if f_y is not None and list(f_y.index) != list(f.index):
        raise XinzhiError(f"F_Y of {name} has other stressors than F, or another order")
    head = _json({"name": name, "stressors": stressors})
    return (
        head,
        _numbers(f"F of {name}", f).tobytes(),
        None if f_y is None else _numbers(f"F_Y of {name}", f_y).tobytes(),
    )
