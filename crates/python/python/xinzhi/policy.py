"""What is on the lists, since when, in which codes, who else wants it, and what is written about it: the program's ``policy`` verbs as
functions.

>>> import pathlib, tempfile, warnings, xinzhi
>>> warnings.simplefilter("ignore", xinzhi.XinzhiWarning)
>>> folder = pathlib.Path(tempfile.mkdtemp())
>>> _ = (folder / "2024-03-05.txt").write_text("大力推进现代化产业体系建设，加快发展新质生产力。", encoding="utf-8")
>>> found = xinzhi.policy.discourse(folder, term="新质生产力", by="years")
>>> found[["year", "count"]].values.tolist()
[['2024', 1]]
"""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Iterable, Mapping
from typing import Any, Union

from . import _native
from .answer import _json, _texts
from .chain import _told

_Folder = Union[str, "os.PathLike[str]", None]
_Texts = Union[str, Iterable[str], None]

__all__ = ["discourse"]

_COLUMNS = ("term", "group", "name_en", "name_zh", "forms_en", "forms_zh")


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
    record: bool = False,
    lang: str = "en",
) -> Any:
    """Terms in a folder of texts (txt, md, html, docx, pdf, jsonl, and zip archives of these; Chinese and English).

    ``by``: ``"years"`` (the default, with ``"first"``), ``"first"`` (first appearance), ``"counts"`` (a row a term and document),
    ``"keyness"`` (against ``reference``, another folder, or against the years ``reference_from`` to ``reference_to``), ``"cooccurrence"``
    and ``"ties"`` (terms in one ``window``: ``"paragraph"``, ``"sentence"`` or ``"document"``), ``"kwic"`` (every occurrence of the terms
    ``kwic`` in its context), ``"documents"``.

    ``terms`` are your own: a file with the columns ``term``, ``group``, ``name_en``, ``name_zh``, ``forms_en``, ``forms_zh`` (a term or a
    name is enough), or a mapping of names to lists of their spellings; ``term`` adds single words. ``index`` is a folder in which what was
    found is kept, so that the next call reads only new and changed files. With ``record=True`` an :class:`xinzhi.Answer`, whose
    ``documents`` hold the pictures and the network as GraphML.
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
        "record": record,
        "lang": lang,
    }
    source = {"folder": os.fspath(folder)}
    source.update(
        {name: None if path is None else os.fspath(path) for name, path in (("reference", reference), ("index", index))}
    )
    if not isinstance(terms, Mapping):
        source["terms"] = None if terms is None else os.fspath(terms)
        return _told(given, lambda request, lang: _native.discourse(request, _json(source), lang))
    with tempfile.TemporaryDirectory() as made:
        source["terms"] = os.path.join(made, "terms.csv")
        with open(source["terms"], "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(_COLUMNS)
            for name, forms in terms.items():
                writer.writerow([name, "user", "", "", "", ";".join(_texts(forms))])
        return _told(given, lambda request, lang: _native.discourse(request, _json(source), lang))
