"""Industrial strategy for a country or province, with every number recomputable.

>>> import xinzhi
>>> china = xinzhi.dossier("CHN")
>>> china["place"]["name"]["zh"]
'中国'

``dossier`` makes a dossier, ``explain`` repeats one of its figures, ``places`` lists the places, and ``xinzhi.data`` gives the tables
behind them. ``xinzhi.industry`` computes complexity, relatedness, opportunities and more on the user's own tables, ``xinzhi.chain`` value
chains, exposure, chokepoints and footprints on input-output tables; ``xinzhi.policy`` tells what is on the official lists, since when, in
which codes, who else wants it, and what is written about it. Everything that goes wrong is a :class:`XinzhiError`; what a reader should be told is a :class:`XinzhiWarning`.
"""

from __future__ import annotations

import json
import os
from typing import Any, Optional, Union

from . import _native, chain, data, industry, policy
from ._native import XinzhiError, XinzhiWarning, __version__
from .answer import Answer

__all__ = [
    "Answer",
    "XinzhiError",
    "XinzhiWarning",
    "__version__",
    "chain",
    "data",
    "dossier",
    "explain",
    "industry",
    "places",
    "policy",
]

_Folder = Optional[Union[str, "os.PathLike[str]"]]


def dossier(place: str, lang: str = "en", format: str = "dict", data: _Folder = None) -> Any:
    """The dossier of a place: what to transform, foster and build, its chain risks, its technology and enablers.

    ``place`` is a code or a name in English or Chinese ("CHN", "Liaoning", "广东"). ``format`` is "dict" (the default) or "json" for both
    languages at once, "html" or "md" for a document in ``lang`` ("en" or "zh"), "xlsx" for the bytes of a workbook. ``data`` is the folder
    of a workspace; without it the built-in one is used.
    """
    if format == "dict":
        return json.loads(_native.dossier(place, lang, "json", data))
    return _native.dossier(place, lang, format, data)


def explain(figure: str, data: _Folder = None) -> dict[str, Any]:
    """Computes one figure of a dossier again: ``figure`` with its formula, options, inputs and tables, and the ``sources`` behind them.

    ``figure`` is an id from ``dossier(place)["figures"]``.
    """
    return json.loads(_native.explain(figure, data))


def places(data: _Folder = None) -> list[dict[str, Any]]:
    """The countries and provinces a dossier can be made of: ``code``, ``level``, ``parent``, ``name`` (en, zh), ``aliases``."""
    return json.loads(_native.places(data))
