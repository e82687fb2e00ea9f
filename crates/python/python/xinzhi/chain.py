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
>>> made_up.L.loc[("B", "all"), ("A", "all")]
0.625
>>> exports = xinzhi.chain.gvc(made_up)
>>> exports.columns[:4].tolist(), exports["DC"].round(6).tolist()
(['region', 'EXGR', 'DC', 'DVA'], [30.0, 30.0])
"""

from __future__ import annotations

import json
import os
import warnings
from typing import Any, Union

from . import _native
from ._native import XinzhiError, XinzhiWarning
from .answer import Answer, _json, _library, _like

_Folder = Union[str, "os.PathLike[str]", None]

__all__ = ["System", "chokepoints", "exposure", "gvc", "position"]

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
        negative_flows: str | None = None,
        data: _Folder = None,
    ) -> System:
        """A table of a workspace (the built-in one without ``data``): by its id (``table``), or the one of a ``system`` and year.

        >>> import xinzhi
        >>> xinzhi.chain.System.workspace("wiod2013", 2011)
        <xinzhi.chain.System: wiod2013 2011, 41 regions, 1435 industries, million USD>
        """
        choice = {"table": table, "system": system, "period": period, "negative_flows": negative_flows}
        return cls._of(_native.ChainTable.of_workspace(_json(choice), None if data is None else os.fspath(data)))

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


def gvc(system: System | None = None, *, method: str | None = None, record: bool = False, lang: str = "en") -> Any:
    """Where the value of exports comes from, one row a region, in the unit of the table."""
    return _answer("gvc", locals())


def exposure(system: System | None = None, *, scope: str | None = None, record: bool = False, lang: str = "en") -> Any:
    """On whom the industries of every region lean, directly and through their suppliers' suppliers."""
    return _answer("exposure", locals())


def position(system: System | None = None, *, regions: Any = None, record: bool = False, lang: str = "en") -> Any:
    """How far industries stand from final use (upstreamness) and from primary inputs (downstreamness)."""
    return _answer("position", locals())


def chokepoints(
    system: System | None = None,
    *,
    place: str | None = None,
    top: int | None = None,
    record: bool = False,
    lang: str = "en",
) -> Any:
    """Which foreign suppliers would hurt a place most if they were cut off, among all cuts."""
    return _answer("chokepoints", locals())


def _answer(verb: str, given: dict[str, Any]) -> Any:
    """Forwards the arguments of a function to the engine."""
    system, record, lang = given.pop("system"), given.pop("record"), given.pop("lang")
    if system is None:
        system = System.workspace()
    if not isinstance(system, System):
        raise XinzhiError(
            f"the system is of type {type(system).__name__}; use xinzhi.chain.System, or None for the built-in table"
        )
    request = {name: option for name, option in given.items() if option is not None}
    tables, told, notes, documents = system._native.answer(verb, _json(request), lang)
    for note in notes:
        warnings.warn(note, XinzhiWarning, stacklevel=3)
    like = _frames()
    answer = Answer({name: like(found) for name, found in tables}, json.loads(told), notes, dict(documents))
    return answer if record else answer.table


def _frames() -> Any:
    """What makes a frame of a table: pandas where it is installed."""
    try:
        import pandas
    except ImportError:
        return _like(None)
    return _like(pandas.DataFrame())


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
