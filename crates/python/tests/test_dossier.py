"""Dossiers, figures and places through the installed package, on the built-in workspace."""

import io
import json
import threading
import zipfile

import pytest
import xinzhi


@pytest.fixture(scope="module")
def china():
    return xinzhi.dossier("CHN")


def test_a_dossier_is_a_dictionary_in_both_languages(china):
    assert china["place"]["code"] == "CHN"
    assert china["place"]["name"]["zh"] == "中国"
    assert china["engine"] == xinzhi.__version__
    assert china["summary"] and china["sections"]
    figures = {figure["id"] for figure in china["figures"]}
    quoted = {id for sentence in china["summary"] for id in sentence["figures"]}
    assert quoted and quoted <= figures


def test_a_figure_has_a_value_or_a_reason_and_its_tables(china):
    tables = {table["id"]: table["sha256"] for table in xinzhi.data.tables()}
    assert china["figures"]
    for figure in china["figures"]:
        assert (figure["value"] is None) == (figure["refusal"] is not None), figure["id"]
        for used in figure["evidence"]["tables"]:
            assert tables[used["table"]] == used["sha256"]


def test_explain_repeats_the_figure(china):
    figure = next(figure for figure in china["figures"] if figure["value"] is not None)
    explained = xinzhi.explain(figure["id"])
    assert explained["figure"] == figure
    used = {source for table in figure["evidence"]["tables"] for source in table["sources"]}
    assert {source["id"] for source in explained["sources"]} == used


def test_names_in_either_language_find_the_place(china):
    assert xinzhi.dossier("中国") == china
    assert xinzhi.dossier("辽宁")["place"]["level"] == "province"


def test_every_format_comes_out(china):
    assert json.loads(xinzhi.dossier("CHN", format="json")) == china
    english, chinese = xinzhi.dossier("CHN", format="html"), xinzhi.dossier("CHN", lang="zh", format="html")
    assert english.lstrip().lower().startswith("<!doctype html>") and "中国" in chinese and english != chinese
    assert xinzhi.dossier("CHN", format="md").startswith("#")
    with zipfile.ZipFile(io.BytesIO(xinzhi.dossier("CHN", format="xlsx"))) as workbook:
        assert "xl/workbook.xml" in workbook.namelist()


def test_places_are_countries_and_provinces():
    places = xinzhi.places()
    assert {place["level"] for place in places} == {"country", "province"}
    assert len({place["code"] for place in places}) == len(places) > 100
    liaoning = next(place for place in places if place["name"]["zh"] == "辽宁")
    assert liaoning["parent"] == "CHN"


def test_errors_say_what_and_what_next():
    with pytest.raises(xinzhi.XinzhiError, match="Atlantis.*xinzhi.places"):
        xinzhi.dossier("Atlantis")
    with pytest.raises(xinzhi.XinzhiError, match="CHN/no/such"):
        xinzhi.explain("CHN/no/such")
    with pytest.raises(xinzhi.XinzhiError, match='lang is "fr"'):
        xinzhi.dossier("CHN", lang="fr")
    with pytest.raises(xinzhi.XinzhiError, match='format is "pdf"'):
        xinzhi.dossier("CHN", format="pdf")
    assert issubclass(xinzhi.XinzhiError, ValueError)


def test_other_threads_run_meanwhile(tmp_path):
    """A long call gives up the interpreter: a counter in another thread moves while a dossier is computed from cold tables."""
    counted, stop = 0, threading.Event()
    seen = []

    def count():
        nonlocal counted
        while not stop.is_set():
            counted += 1

    thread = threading.Thread(target=count)
    thread.start()
    try:
        before = counted
        xinzhi.dossier("DEU", format="xlsx")
        seen.append(counted - before)
    finally:
        stop.set()
        thread.join()
    # a held interpreter would let the counter move for one switch interval at most
    assert seen[0] > 10_000
