"""The policy functions."""

import pytest

xinzhi = pytest.importorskip("xinzhi")
pytestmark = pytest.mark.filterwarnings("ignore::xinzhi.XinzhiWarning")


def test_lists_on_a_day_and_what_changed():
    plan = xinzhi.policy.lists("2026-03-12", strategy="cn-fyp15-2026")
    assert plan["strand"].tolist() == ["emerging"] * 8 + ["future"] * 6
    assert plan["name_zh"].tolist()[-1] == "第六代移动通信"
    changes = xinzhi.policy.lists(strategy="cn-gwr-2026", since="cn-gwr-2025", record=True)
    assert set(changes["changes"]["change"]) == {"added", "dropped", "moved"}
    assert changes["documents"]["strategy"].tolist() == ["cn-gwr-2026", "cn-gwr-2025"]
    # a day of datetime, and none: today
    import datetime

    assert len(xinzhi.policy.lists(datetime.date(2015, 5, 7))) == 0
    assert len(xinzhi.policy.lists(jurisdiction="China")) > 10


def test_overlap_timeline_targets_definition():
    pairs = xinzhi.policy.overlap("2026-11-25", by="pairs", strategy=["us-cet-2024", "kr-nst-2023"])
    assert len(pairs) == 1 and 0 < pairs["jaccard"].iloc[0] < 1
    found = xinzhi.policy.timeline("2024", "2025", kind=["export_control", "trade_barrier"], record=True, lang="zh")
    assert found.documents["ics"].startswith("BEGIN:VCALENDAR") and found.documents["svg"].startswith("<svg")
    assert found.table["date"].between("2024", "2026").all()
    goals = xinzhi.policy.targets("2026-11-25")
    assert set(goals["status"]) <= {"met", "missed", "open", "unknown"}
    assert len(xinzhi.policy.definition(kind=["layer", "enabler"])) == 6


def test_codes_and_bounds():
    codes = xinzhi.policy.crosswalk("E-NEV", scheme=["HS2017", "HS2022"], min_confidence="high")
    assert "870380" in codes["code"].tolist() and set(codes["confidence"]) == {"high"}
    bounds = xinzhi.policy.crosswalk(place=["CHN", "KOR"], measure="exports", strand="emerging")
    known = bounds.dropna(subset=["low"])
    assert (known["low"] <= known["high"]).all() and set(bounds["place"]) == {"CHN", "KOR"}


def test_typos_give_the_nearest():
    for wrong, near in [
        (lambda: xinzhi.policy.lists("2026-02-30"), "2026-02-28"),
        (lambda: xinzhi.policy.lists(strategy="cn-fyp15-2025"), "cn-fyp15-2026"),
        (lambda: xinzhi.policy.crosswalk("E-ICC"), "E-IC"),
        (lambda: xinzhi.policy.timeline(kind="export_controls"), "export_control"),
    ]:
        with pytest.raises(xinzhi.XinzhiError, match=near):
            wrong()


def test_rows_of_a_workspace(tmp_path):
    (tmp_path / "xinzhi.toml").write_text('[workspace]\nname = "mine"\nformat = 1\n')
    (tmp_path / "policy").mkdir()
    own = "industry,strand,name_en,name_zh,note_en,note_zh\nE-IC,emerging,Chips (made up),芯片（虚构）,,\n"
    (tmp_path / "policy" / "industries.csv").write_text(own, encoding="utf-8")
    codes = xinzhi.policy.crosswalk("E-IC", scheme="HS2017", data=tmp_path)
    assert set(codes["name_en"]) == {"Chips (made up)"}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "2023.txt").write_text("发展人工智能。\n", encoding="utf-8")
    (tmp_path / "2024-03-05.md").write_text("# 报告\n加快发展新质生产力，AI 和新质生产力。\n", encoding="utf-8")
    return tmp_path


def test_counts_by_year_and_first_appearance(folder, tmp_path_factory):
    terms = {"nqpf": ["新质生产力"], "ai": ["人工智能", "AI"]}
    found = xinzhi.policy.discourse(folder, terms=terms, index=tmp_path_factory.mktemp("index"), record=True)
    years = found["years"]
    assert years[["term", "year", "count"]].values.tolist() == [
        ["nqpf", "2024", 2],
        ["ai", "2023", 1],
        ["ai", "2024", 1],
    ]
    assert found["first"]["first_date"].tolist() == ["2024-03-05", "2023"]
    assert "<svg" in found.documents["discourse_years"] and "<graphml" in found.documents["graphml"]


def test_keyword_in_context_and_keyness(folder):
    lines = xinzhi.policy.discourse(folder, term=["新质生产力"], kwic="新质生产力", context=2)
    assert lines["left"].tolist() == ["…发展", "… 和"]
    key = xinzhi.policy.discourse(folder, term=["新质生产力"], by="keyness", from_=2024, reference_to=2023, min_count=1)
    assert key.loc[key["term"] == "new-quality-productive-forces", "reference_count"].tolist() == [0]


def test_what_is_wrong_is_said(folder, tmp_path):
    with pytest.raises(xinzhi.XinzhiError, match="nearest: years"):
        xinzhi.policy.discourse(folder, term="x", by="yeers")
    with pytest.raises(xinzhi.XinzhiError, match="cannot be read"):
        xinzhi.policy.discourse(tmp_path / "absent", term="x")
