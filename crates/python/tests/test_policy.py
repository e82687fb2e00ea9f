"""The policy functions."""

import pytest

xinzhi = pytest.importorskip("xinzhi")


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "2023.txt").write_text("发展人工智能。\n", encoding="utf-8")
    (tmp_path / "2024-03-05.md").write_text("# 报告\n加快发展新质生产力，AI 和新质生产力。\n", encoding="utf-8")
    return tmp_path


def test_counts_by_year_and_first_appearance(folder, tmp_path_factory):
    terms = {"nqpf": ["新质生产力"], "ai": ["人工智能", "AI"]}
    found = xinzhi.policy.discourse(folder, terms=terms, index=tmp_path_factory.mktemp("index"), record=True)
    years = found["years"]
    assert years[["term", "year", "count"]].values.tolist() == [["nqpf", "2024", 2], ["ai", "2023", 1], ["ai", "2024", 1]]
    assert found["first"]["first_date"].tolist() == ["2024-03-05", "2023"]
    assert "<svg" in found.documents["discourse_years"] and "<graphml" in found.documents["graphml"]


def test_keyword_in_context_and_keyness(folder):
    lines = xinzhi.policy.discourse(folder, term=["新质生产力"], kwic="新质生产力", context=2)
    assert lines["left"].tolist() == ["…发展", "…I 和"]
    key = xinzhi.policy.discourse(folder, term=["新质生产力"], by="keyness", from_=2024, reference_to=2023, min_count=1)
    assert key.loc[key["term"] == "新质生产力", "reference_count"].tolist() == [0]


def test_what_is_wrong_is_said(folder, tmp_path):
    with pytest.raises(xinzhi.XinzhiError, match="nearest: years"):
        xinzhi.policy.discourse(folder, term="x", by="yeers")
    with pytest.raises(xinzhi.XinzhiError, match="cannot be read"):
        xinzhi.policy.discourse(tmp_path / "absent", term="x")
