"""Tables and sources through the installed package, on the built-in workspace and on a folder."""

import hashlib

import pandas
import polars
import pyarrow
import pyarrow.parquet
import pytest
import xinzhi

EXPORTS = "exports_hs4_2017"


@pytest.fixture(scope="module")
def entry():
    return next(table for table in xinzhi.data.tables() if table["id"] == EXPORTS)


def test_tables_and_sources_agree(entry):
    sources = {source["id"]: source for source in xinzhi.data.sources()}
    for table in xinzhi.data.tables():
        assert set(table["sources"]) <= set(sources)
        assert table["title"]["en"] and table["title"]["zh"]
    assert all(sources[id]["licence"] for id in entry["sources"])


def test_every_library_takes_a_table(entry):
    table = xinzhi.data.table(EXPORTS)
    assert len(table) == table.num_rows == entry["rows"]
    assert table.column_names[:2] == ["place", "scheme"]
    arrow, pola, panda = pyarrow.table(table), polars.DataFrame(table), pandas.DataFrame.from_arrow(table)
    assert arrow.num_rows == pola.height == len(panda) == entry["rows"]
    assert arrow.column_names == pola.columns == list(panda.columns) == table.column_names
    total = pyarrow.compute.sum(arrow["value"]).as_py()
    assert total > 1e13
    assert pola["value"].sum() == pytest.approx(total, rel=1e-12)
    assert panda["value"].sum() == pytest.approx(total, rel=1e-12)
    china = pola.filter((polars.col("place") == "CHN") & (polars.col("code") == "8542"))["value"].item()
    assert china == panda.set_index(["place", "code"])["value"].loc[("CHN", "8542")] > 1e10


def test_a_stream_can_be_taken_again_and_left_unread():
    table = xinzhi.data.table("places")
    first = pyarrow.table(table)
    table.__arrow_c_stream__()
    assert pyarrow.table(table).equals(first)
    del table
    assert first.num_rows > 100 and first["place"][0].as_py()


def test_tables_with_lists_come_whole():
    id = next(table["id"] for table in xinzhi.data.tables() if table["schema"] == "io")
    table = pyarrow.table(xinzhi.data.table(id))
    assert pyarrow.types.is_list(table.schema.field("z").type) or pyarrow.types.is_large_list(
        table.schema.field("z").type
    )
    assert table.num_rows == next(t["rows"] for t in xinzhi.data.tables() if t["id"] == id)


def test_a_folder_is_read_and_checked(tmp_path):
    values = pyarrow.table(
        {"place": ["AAA"], "level": ["country"], "parent": [None], "name_en": ["A"], "name_zh": ["甲"]}
    )
    values = values.set_column(2, "parent", pyarrow.array([None], pyarrow.string()))
    pyarrow.parquet.write_table(values, tmp_path / "places.parquet", compression="zstd")
    digest = hashlib.sha256((tmp_path / "places.parquet").read_bytes()).hexdigest()
    manifest = f"""
[workspace]
name = "made"
format = 1
[[table]]
id = "places"
schema = "places"
file = "places.parquet"
rows = 1
sha256 = "{digest}"
title = {{ en = "Places", zh = "地点" }}
sources = []
"""
    (tmp_path / "xinzhi.toml").write_text(manifest, encoding="utf-8")
    assert [table["id"] for table in xinzhi.data.tables(data=tmp_path)] == ["places"]
    assert pyarrow.table(xinzhi.data.table("places", data=str(tmp_path)))["name_zh"].to_pylist() == ["甲"]
    (tmp_path / "xinzhi.toml").write_text(manifest.replace(digest, "0" * 64), encoding="utf-8")
    with pytest.raises(xinzhi.XinzhiError, match="not the one the manifest describes"):
        xinzhi.data.table("places", data=tmp_path)


def test_what_is_not_there_is_an_error(tmp_path):
    with pytest.raises(xinzhi.XinzhiError, match="no_such_table"):
        xinzhi.data.table("no_such_table")
    with pytest.raises(xinzhi.XinzhiError):
        xinzhi.data.tables(data=tmp_path / "nowhere")
