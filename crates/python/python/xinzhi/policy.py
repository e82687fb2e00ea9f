"""What is on the official lists, since when, in which codes, who else wants it, and what is written about it: the program's ``policy`` verbs as functions.

Every function gives a frame: of pandas where it is installed, else of pyarrow; with ``record=True`` an :class:`xinzhi.Answer` with all
tables, the record of the run and the notes, which also come as :class:`xinzhi.XinzhiWarning`. Days are texts (``"2026"``, ``"2026-03"``,
``"2026-03-12"``, a year or a month meaning its last day) or :class:`datetime.date`; without one a function speaks of today. ``data`` is the
folder of a workspace, whose folder ``policy`` may hold rows of your own; without it the built-in registry is used.

>>> import warnings, xinzhi
>>> warnings.simplefilter("ignore", xinzhi.XinzhiWarning)
>>> plan = xinzhi.policy.lists("2026-03-12", strategy="cn-fyp15-2026", strand="future")
>>> plan["name_en"].tolist()[:2], plan["name_zh"].tolist()[-1]
(['Quantum technology', 'Biomanufacturing'], '第六代移动通信')
"""

from __future__ import annotations

import csv
import datetime
import json
import os
import tempfile
import warnings
from collections.abc import Iterable, Mapping
from typing import Any, Union

from . import _native
from ._native import XinzhiWarning
from .answer import Answer, _frames, _json, _texts

_Folder = Union[str, "os.PathLike[str]", None]
_Texts = Union[str, Iterable[str], None]
_Day = Union[str, int, datetime.date, None]

__all__ = ["crosswalk", "definition", "discourse", "lists", "overlap", "targets", "timeline"]

_COLUMNS = ("term", "group", "name_en", "name_zh", "forms_en", "forms_zh")

# options that are lists of texts
_LISTS = (
    "strategy",
    "strand",
    "jurisdiction",
    "industry",
    "scheme",
    "code",
    "role",
    "place",
    "kind",
    "against",
    "status",
)


def lists(
    at: _Day = None,
    *,
    since: _Day = None,
    strategy: _Texts = None,
    strand: _Texts = None,
    jurisdiction: _Texts = None,
    within: bool = False,
    industry: _Texts = None,
    all_levels: bool = False,
    lapsed: bool = False,
    kept: bool = False,
    data: _Folder = None,
    record: bool = False,
    lang: str = "en",
) -> Any:
    """What was on the lists on a day and who said it: a row an item, in the order of the documents.

    ``since``: instead, what was added, dropped, renamed and moved between strands since that day, or against that strategy (``kept``: and
    what did not change). ``strategy``: these documents only, also when their lists no longer stand. ``strand``: ``"traditional"``,
    ``"emerging"``, ``"pillar"``, ``"future"``, ``"critical_technology"``, ... ``jurisdiction``: codes or names of places, ``"EU"``;
    ``within``: and their provinces. ``industry``: only items that name one of these industries. ``all_levels``: groups under fields too.
    ``lapsed``: lists that no longer stand too.

    >>> import xinzhi
    >>> moved = xinzhi.policy.lists(strategy="cn-gwr-2026", since="cn-gwr-2025")
    >>> moved.loc[moved["change"] == "moved", ["name_en", "from_strands", "to_strands"]].values.tolist()
    [['Low-altitude economy', 'emerging', 'pillar']]
    """
    return _answer("lists", locals())


def overlap(
    at: _Day = None,
    *,
    jurisdiction: _Texts = None,
    strategy: _Texts = None,
    rows: str | None = None,
    by: str | None = None,
    lapsed: bool = False,
    data: _Folder = None,
    record: bool = False,
    lang: str = "en",
) -> Any:
    """Who else wants the same, at the level of titles: a matrix of themes (``rows="industries"``: industries) by jurisdiction, or by
    ``strategy``.

    ``by``: the table to give, ``"matrix"``, ``"pairs"`` (similarity of every two: shared, Jaccard index, overlap coefficient), ``"alone"``
    (what each has that the other has not) or ``"outside"`` (items under no row).

    >>> import xinzhi
    >>> pairs = xinzhi.policy.overlap("2026-11-25", by="pairs")
    >>> bool(((pairs["jaccard"] >= 0) & (pairs["jaccard"] <= 1)).all())
    True
    """
    return _answer("overlap", locals())


def timeline(
    from_: _Day = None,
    to: _Day = None,
    *,
    kind: _Texts = None,
    jurisdiction: _Texts = None,
    against: _Texts = None,
    industry: _Texts = None,
    strand: _Texts = None,
    plans: bool = False,
    at: _Day = None,
    data: _Folder = None,
    record: bool = False,
    lang: str = "en",
) -> Any:
    """Plans and measures in time: events, and with ``plans`` also documents as spans; barriers with what of them stands on the day ``at``.

    ``kind``: ``"domestic_policy"``, ``"foreign_strategy"``, ``"nqpf"``, ``"export_control"``, ``"trade_barrier"``, ``"statistics"``,
    ``"evaluation"``, ``"diplomacy"``. ``against``: barriers that can touch these places. With ``record=True`` the answer's ``documents``
    hold a picture (``"svg"``) and a calendar (``"ics"``).

    >>> import xinzhi
    >>> found = xinzhi.policy.timeline(kind="export_control", jurisdiction="USA", at="2026-05-14")
    >>> found["date"].iloc[0], found["status"].iloc[0]
    ('2022-10-07', 'in force')
    """
    return _answer("timeline", locals())


def crosswalk(
    industry: _Texts = None,
    *,
    strand: _Texts = None,
    scheme: _Texts = None,
    code: _Texts = None,
    role: _Texts = None,
    min_confidence: str | None = None,
    place: _Texts = None,
    measure: str | None = None,
    period: int | None = None,
    data: _Folder = None,
    record: bool = False,
    lang: str = "en",
) -> Any:
    """Listed industries in the codes of trade, industry and patent classifications, and the industries of a ``code``.

    ``scheme``: ``"HS2012"``, ``"HS2017"``, ``"HS2022"``, ``"ISIC4"``, ``"NACE2"``, ``"GBT4754-2017"``, ``"ICIO45"``, ``"WIOD2013"``, ``"IPC"``,
    ``"CPC"``, ... ``role``: ``"core"``, ``"partial"``, ``"broad"``, ``"host"``, ``"input"``, ``"equipment"``, ``"proxy"``, ``"tech"``.
    ``min_confidence``: ``"low"``, ``"medium"``, ``"high"``.

    With ``place``: what the industries are worth there by ``measure`` (``"exports"``, ``"patents"``, ``"output"``) in a year, as a lower and
    an upper bound, never as a value.

    >>> import xinzhi
    >>> xinzhi.policy.crosswalk("集成电路", scheme="HS2022", role="core")["code"].tolist()
    ['8542']
    >>> chips = xinzhi.policy.crosswalk("E-IC", place="KOR", measure="exports").iloc[0]
    >>> bool(0 < chips["low"] <= chips["high"])
    True
    """
    return _answer("crosswalk", locals())


def targets(
    at: _Day = None,
    *,
    strategy: _Texts = None,
    status: _Texts = None,
    data: _Folder = None,
    record: bool = False,
    lang: str = "en",
) -> Any:
    """Quantified targets: base, latest value known, distance, and ``"met"``, ``"missed"``, ``"open"`` or ``"unknown"``.

    >>> import xinzhi
    >>> goals = xinzhi.policy.targets("2026-11-25", strategy="cn-fyp14-2021")
    >>> goals.loc[goals["indicator"] == "SEI value added in GDP", "status"].tolist()
    ['unknown']
    """
    return _answer("targets", locals())


def definition(*, kind: _Texts = None, data: _Folder = None, record: bool = False, lang: str = "en") -> Any:
    """The framework of new quality productive forces: definition, layers, enablers, strands, outcome, in both languages.

    >>> import xinzhi
    >>> len(xinzhi.policy.definition(kind="layer")), len(xinzhi.policy.definition(kind="enabler"))
    (3, 3)
    """
    return _answer("definition", locals())


def discourse(
    folder: Any,
    *,
    reference: _Folder = None,
    index: _Folder = None,
    terms: Any = None,
    by: _Texts = None,
    term: _Texts = None,
    group: _Texts = None,
    kwic: _Texts = None,
    context: int | None = None,
    window: str | None = None,
    from_: int | None = None,
    to: int | None = None,
    reference_from: int | None = None,
    reference_to: int | None = None,
    min_count: int | None = None,
    top: int | None = None,
    nested: bool = False,
    exclude: _Texts = None,
    text_field: str | None = None,
    title_field: str | None = None,
    date_field: str | None = None,
    data: _Folder = None,
    record: bool = False,
    lang: str = "en",
) -> Any:
    """Terms of the registry and your own in a folder of texts (txt, md, html, docx, pdf, jsonl, and zip archives of these; Chinese and English).

    ``by``: ``"years"`` (the default, with ``"first"``), ``"first"`` (first appearance), ``"counts"`` (a row a term and document),
    ``"keyness"`` (against ``reference``, another folder, or against the years ``reference_from`` to ``reference_to``), ``"cooccurrence"``
    and ``"ties"`` (terms in one ``window``: ``"paragraph"``, ``"sentence"`` or ``"document"``), ``"kwic"`` (every occurrence of the terms
    ``kwic`` in its context), ``"documents"``.

    ``terms`` are your own: a file with the columns ``term``, ``group``, ``name_en``, ``name_zh``, ``forms_en``, ``forms_zh`` (a term or a
    name is enough), or a mapping of names to lists of their spellings; ``term`` adds single words. ``index`` is a folder in which what was
    found is kept, so that the next call reads only new and changed files. With ``record=True`` an :class:`xinzhi.Answer`, whose
    ``documents`` hold the pictures and the network as GraphML.

    >>> import pathlib, tempfile, xinzhi
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> _ = (folder / "2024-03-05.txt").write_text("大力推进现代化产业体系建设，加快发展新质生产力。", encoding="utf-8")
    >>> found = xinzhi.policy.discourse(folder, by="years")
    >>> found.loc[found["name"] == "new quality productive forces", ["year", "count"]].values.tolist()
    [['2024', 1]]
    """
    given = {
        "by": _texts(by),
        "term": _texts(term),
        "group": _texts(group),
        "kwic": _texts(kwic),
        "exclude": _texts(exclude),
        "context": context,
        "window": window,
        "from": from_,
        "to": to,
        "reference_from": reference_from,
        "reference_to": reference_to,
        "min_count": min_count,
        "top": top,
        "nested": nested,
        "text_field": text_field,
        "title_field": title_field,
        "date_field": date_field,
    }
    request = _json({name: option for name, option in given.items() if option is not None})
    source: dict[str, Any] = {"folder": os.fspath(folder)}
    source.update(
        {
            name: None if path is None else os.fspath(path)
            for name, path in (("reference", reference), ("index", index), ("data", data))
        }
    )
    if not isinstance(terms, Mapping):
        source["terms"] = None if terms is None else os.fspath(terms)
        return _told(_native.discourse(request, _json(source), lang), record)
    with tempfile.TemporaryDirectory() as made:
        source["terms"] = os.path.join(made, "terms.csv")
        with open(source["terms"], "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(_COLUMNS)
            for name, forms in terms.items():
                writer.writerow([name, "user", "", "", "", ";".join(_texts(forms))])
        return _told(_native.discourse(request, _json(source), lang), record)


def _answer(verb: str, given: dict[str, Any]) -> Any:
    """Forwards the arguments of a function to the engine; what a reader should be told comes as warnings."""
    record, lang, data = given.pop("record"), given.pop("lang"), given.pop("data")
    if given.get("at", "") is None:
        given["at"] = datetime.datetime.now(datetime.timezone.utc).date()
    request: dict[str, Any] = {}
    for name, option in given.items():
        if option is None or option is False:
            continue
        name = name.rstrip("_")
        if name in _LISTS:
            option = _texts(option)
        elif name in ("at", "since", "from", "to"):
            option = str(option)
        request[name] = option
    found = _native.policy(verb, _json(request), lang, None if data is None else os.fspath(data))
    return _told(found, record)


def _told(found: Any, record: bool) -> Any:
    """The frame of an answer, or all of it; what a reader should be told as warnings."""
    tables, told, notes, documents = found
    for note in notes:
        warnings.warn(note, XinzhiWarning, stacklevel=4)
    frame = _frames()
    answer = Answer({name: frame(table) for name, table in tables}, json.loads(told), notes, dict(documents))
    return answer if record else answer.table
