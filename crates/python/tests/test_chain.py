"""The chain layer through the installed package: golden numbers, identities, labelled frames in and out, and bad input."""

import doctest
import json
import pathlib
import warnings

import numpy
import pandas
import pytest
import xinzhi
from xinzhi import chain

DATA = pathlib.Path(__file__).parents[2] / "chain" / "tests" / "data"
REGIONS, SECTORS = ["AAA", "BBB", "CCC"], ["D01", "D02", "D03"]
pytestmark = pytest.mark.filterwarnings("ignore::xinzhi.XinzhiWarning")


@pytest.fixture(scope="module")
def cells():
    """The made-up table of three regions and three sectors, with two columns of final demand a region."""
    return numpy.loadtxt(DATA / "mini.csv", delimiter=",")


@pytest.fixture(scope="module")
def golden():
    return json.loads((DATA / "mini_golden.json").read_text())


@pytest.fixture(scope="module")
def mini(cells):
    industries = pandas.MultiIndex.from_product([REGIONS, SECTORS], names=["region", "sector"])
    final = pandas.MultiIndex.from_product([REGIONS, ["HFCE", "GFCF"]], names=["region", "category"])
    z = pandas.DataFrame(cells[:, :9], industries, industries)
    y = pandas.DataFrame(cells[:, 9:], industries, final)
    co2 = pandas.DataFrame([[3.0, 9.0, 4.0, 5.0, 14.0, 6.0, 8.0, 21.0, 9.0]], [("CO2", "Mt")], industries)
    co2.index = pandas.MultiIndex.from_tuples([("CO2", "Mt")])
    wages = pandas.DataFrame(0.3 * cells.sum(axis=1)[None, :], ["wages"], industries)
    return chain.System(z, y, extensions={"emissions": co2, "income": wages}, name="mini", period=2020, unit="units")


def test_matrices_have_labels_and_satisfy_their_definitions(mini, cells, golden):
    a, inverse, ghosh = mini.A, mini.L, mini.G
    assert a.index.names == ["region", "sector"] and list(mini.Y.columns.names) == ["region", "category"]
    x = mini.x["x"]
    assert x.tolist() == golden["x"]
    numpy.testing.assert_allclose(a.to_numpy(), cells[:, :9] / x.to_numpy(), rtol=1e-15)
    numpy.testing.assert_allclose(inverse.to_numpy(), numpy.linalg.inv(numpy.eye(9) - a.to_numpy()), rtol=1e-12)
    assert abs(inverse.to_numpy().sum() - golden["L_sum"]) < 1e-11
    assert abs(ghosh.to_numpy().sum() - golden["G_sum"]) < 1e-11
    numpy.testing.assert_allclose(mini.v["v"], golden["va_coef"], rtol=1e-13)
    with pytest.raises(AttributeError):
        mini.Q  # noqa: B018
    with pytest.raises(xinzhi.XinzhiError, match="Z, Y, x"):
        mini.matrix("Q")


def test_value_added_in_exports_is_the_golden_one(mini, golden):
    found = chain.gvc(mini).set_index("region")
    for region, terms in golden["BM_source_country"].items():
        for term, value in terms.items():
            assert found.loc[region, term] == pytest.approx(value, rel=1e-9), (region, term)
    kww = chain.gvc(mini, method="kww").set_index("region")
    numpy.testing.assert_allclose(kww.sum(axis=1), found["EXGR"], rtol=1e-12)
    flows = chain.gvc(mini, method="wwz", by="partner-sector")
    assert len(flows) == 3 * 2 * 3
    numpy.testing.assert_allclose(
        flows.groupby("region")[[c for c in flows if c not in ("region", "partner", "sector")]].sum().sum(axis=1),
        found["EXGR"],
        rtol=1e-12,
    )
    group = chain.gvc(mini, groups="AB=AAA+BBB")
    assert group["region"].tolist() == ["AB"] and group["EXGR"].iloc[0] < found.loc[["AAA", "BBB"], "EXGR"].sum()


def test_footprints_agree_with_explicit_inverses(mini, cells):
    z, y = cells[:, :9], cells[:, 9:].reshape(9, 3, 2).sum(axis=2)
    x = cells.sum(axis=1)
    s = numpy.array([3.0, 9.0, 4.0, 5.0, 14.0, 6.0, 8.0, 21.0, 9.0]) / x
    inverse = numpy.linalg.inv(numpy.eye(9) - z / x)
    accounts = chain.footprint(mini, extension="emissions").set_index("region")
    numpy.testing.assert_allclose(accounts["D_cba"], s @ inverse @ y, rtol=1e-12)
    numpy.testing.assert_allclose(accounts["D_pba"], (s * x).reshape(3, 3).sum(axis=1), rtol=1e-12)
    assert accounts["D_imp"].sum() == pytest.approx(accounts["D_exp"].sum(), rel=1e-12)
    m = mini.matrix("M", "emissions")
    numpy.testing.assert_allclose(m.to_numpy()[0], s @ inverse, rtol=1e-12)
    assert mini.matrix("D_cba_reg", "emissions").columns.tolist() == REGIONS
    scopes = chain.footprint(mini, extension="emissions", by="scopes", energy="D01")
    total = scopes[["scope_1", "scope_2", "scope_3_upstream"]].sum(axis=1)
    numpy.testing.assert_allclose(total, s @ inverse, rtol=1e-12)


def test_extraction_and_embargo_are_the_golden_closed_forms(mini):
    single = chain.extraction(mini).set_index(["region", "sector"])["output_loss"]
    assert single["BBB", "D02"] == pytest.approx(754.6651697445906, rel=1e-9)
    purchases = chain.extraction(mini, kind="purchases").set_index(["region", "sector"])["output_loss"]
    assert purchases["BBB", "D02"] == pytest.approx(400.0923279074, rel=1e-9)
    one = chain.extraction(mini, extract="BBB:D02")
    assert one["output_loss"].sum() == pytest.approx(754.6651697445906, rel=1e-9)
    pairs = chain.embargo(mini)
    assert len(pairs) == 6
    direct = chain.embargo(mini, from_="AAA", to="BBB").set_index("region")
    row = pairs[(pairs["from"] == "AAA") & (pairs["to"] == "BBB")].iloc[0]
    assert direct["value_added_loss"].sum() == pytest.approx(row["world_value_added_loss"], rel=1e-12)


def test_exposure_position_multipliers_and_paths(mini, golden):
    shares = chain.exposure(mini).groupby("user")[["look_through", "face_value", "hidden"]].sum()
    numpy.testing.assert_allclose(shares["look_through"], 1.0, rtol=1e-12)
    markets = chain.exposure(mini, side="markets", by="industry")
    assert {"seller", "sector", "market"} <= set(markets.columns)
    position = chain.position(mini)
    numpy.testing.assert_allclose(position["upstreamness"], golden["output_upstreamness_rowsum_G"], rtol=1e-12)
    linkages = chain.multipliers(mini, extension="emissions")
    numpy.testing.assert_allclose(linkages["output_multiplier"], golden["input_downstreamness_colsum_L"], rtol=1e-12)
    found = chain.paths(mini, extension="emissions", place="AAA", top=3, record=True)
    contributions = found.table["contribution"].tolist()
    assert contributions == sorted(contributions, reverse=True)
    assert found.record["largest_missing"] <= contributions[-1]
    income = chain.households(mini, wages="income", consumption="HFCE", share=0.8)
    output = income[income["measure"] == "output"]
    assert (output["total"] > output["simple"]).all()
    assert len(chain.influence(mini, top=4)) == 4


def test_chokepoints_follow_the_order_asked_for(mini):
    by_loss = chain.chokepoints(mini)
    assert by_loss["value_added_loss_share"].is_monotonic_decreasing
    barriers = chain.chokepoints(mini, barriers=["AAA"], order=["barrier", "loss"])
    assert set(barriers["region"].iloc[: (barriers["barrier"] > 0).sum()]) == {"AAA"}
    with pytest.raises(xinzhi.XinzhiError, match="single-source"):
        chain.chokepoints(mini, order="size")


def test_a_plan_and_its_proof(mini):
    answer = chain.plan(mini, place="AAA", days=60, critical_share=0.0, not_storable="none", record=True)
    summary = answer["summary"].iloc[0]
    assert summary["loss_with"] == pytest.approx(0.5 * summary["loss_without"], rel=1e-6)
    assert answer["plan"]["cost_per_year"].sum() == pytest.approx(summary["cost_per_year"], rel=1e-9)
    assert all(one["residual"] <= one["tolerance"] for one in answer.record["certificates"])
    assert answer["chokepoints"]["share"].sum() == pytest.approx(1.0, abs=1e-5)
    frontier = chain.plan(mini, place="AAA", days=60, critical_share=0.0, frontier=True)
    assert frontier["cost_per_year"].is_monotonic_decreasing and len(frontier) == 11
    with pytest.raises(xinzhi.XinzhiError, match="everything allowed leaves"):
        chain.plan(mini, place="AAA", target=0.0, most_stock_days=1, most_second_source=0.0)
    with pytest.raises(xinzhi.XinzhiError, match="capital_cost"):
        chain.plan(mini, place="AAA", capital_cost=-1.0)
    with pytest.raises(TypeError, match="place"):
        chain.plan(mini)


def test_breakthroughs_of_a_table(mini):
    found = chain.breakthroughs(mini, place="AAA", barriers=["BBB"], order=["loss"])
    assert found["value_added_loss"].is_monotonic_decreasing and len(found) == 3
    assert found["density"].isna().all()
    with pytest.raises(xinzhi.XinzhiError, match="barrier-loss"):
        chain.breakthroughs(mini, place="AAA", order="size")


def test_a_smaller_system_and_a_balanced_table(mini):
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        small = mini.aggregate(groups="AB=AAA+BBB", sectors={"D01": "D", "D02": "D"})
    assert small.regions == ["AB", "CCC"] and any("prefer to solve" in str(one.message) for one in told)
    assert small.x["x"].sum() == pytest.approx(mini.x["x"].sum())
    assert "emissions" in small.extensions
    table = pandas.DataFrame([[7.0, 3, 5, -3], [2, 9, 8, 1], [-2, 0, 2, 1]], ["a", "b", "c"], list("wxyz"))
    balanced = chain.balance(table, [15, 26, -1], [9, 16, 17, -2], record=True)
    assert balanced["balanced"].iloc[0, 0] == pytest.approx(8.976440, abs=5e-7)
    assert balanced.record["iterations"] == 19
    with pytest.raises(xinzhi.XinzhiError, match="total"):
        chain.balance(table, [15, 26, 0], [9, 16, 17, -2])


def test_the_built_in_tables():
    world = chain.System.workspace()
    assert "wiod2013 2011" in repr(world) and len(world.regions) == 41
    found = chain.decomposition(chain.System.workspace(period=1995), world, by="total", record=True)
    parts = found.table.drop(columns=["region", "change"]).sum(axis=1)
    assert parts.iloc[0] == pytest.approx(found.table["change"].iloc[0], rel=1e-9)
    assert len(found.record["source"]["sha256"]) == 64
    products = chain.dependence("EU27", all=True)
    assert {"import_concentration", "dependent", "lasting"} <= set(products.columns)
    with pytest.raises(xinzhi.XinzhiError, match="1995, 2000, 2005, 2011"):
        chain.System.workspace("wiod2013", 1999)


def test_a_table_from_a_file(tmp_path, mini, cells):
    head = ["region", "", *(r for r in REGIONS for _ in SECTORS), *(r for r in REGIONS for _ in range(2))]
    codes = ["", "sector", *(SECTORS * 3), *(["final1", "final2"] * 3)]
    lines = [head, codes]
    lines += [
        [r, s, *map(repr, map(float, cells[i]))] for i, (r, s) in enumerate((r, s) for r in REGIONS for s in SECTORS)
    ]
    file = tmp_path / "mini 2020.csv"
    file.write_text("\n".join(",".join(line) for line in lines) + "\n")
    read = chain.System.read(file)
    pandas.testing.assert_frame_equal(chain.gvc(read), chain.gvc(mini))
    file.write_text(file.read_text().replace("60.0", "sixty"))
    with pytest.raises(xinzhi.XinzhiError, match="sixty"):
        chain.System.read(file)


def test_bad_frames_are_told_with_label_and_value(mini):
    z, y = mini.Z, mini.Y
    with pytest.raises(xinzhi.XinzhiError, match="other labels"):
        chain.System(z.iloc[::-1], y)
    broken = z.copy()
    broken.iloc[1, 2] = float("nan")
    with pytest.raises(xinzhi.XinzhiError, match="AAA D02.*AAA D03"):
        chain.System(broken, y)
    negative = z.copy()
    negative.iloc[0, 0] = -5.0
    with pytest.raises(xinzhi.XinzhiError, match="-5"):
        chain.System(negative, y)
    assert chain.System(negative, y, negative_flows="zero").Z.iloc[0, 0] == 0.0
    with pytest.raises(xinzhi.XinzhiError, match="pairs"):
        chain.System(z.set_axis(range(9), axis=0).set_axis(range(9), axis=1), y)
    with pytest.raises(xinzhi.XinzhiError, match="no extension"):
        chain.footprint(mini, extension="methane")
    heavy = z * 30
    with pytest.raises(xinzhi.XinzhiError, match="not productive|singular"):
        chain.gvc(chain.System(heavy, y - z.sum(axis=1).to_numpy()[:, None] * 29.4 / 6))


def test_a_scenario_is_a_plain_dict(mini):
    made_up = {
        "name": "B stops",
        "place": "AAA",
        "models": {"elasticity": 5.0},
        "shock": [{"what": "flow", "who": ["BBB"], "against": ["AAA"], "loss": 1.0}],
    }
    found = chain.shock(made_up, mini, record=True)
    models = found.table.set_index("model")
    assert list(models.index) == ["leontief", "replacement", "ghosh", "pbl", "ario", "hat"]
    assert (models["largest_residual"] < 1e-7).all()
    embargo = chain.embargo(mini, from_=["BBB"], to=["AAA"]).set_index("region")
    assert models.loc["leontief", "value_added_loss"] == pytest.approx(embargo.loc["AAA", "value_added_loss"], rel=1e-9)
    assert found.documents["models"].startswith("<svg")
    assert found.record["scenario"]["name"] == "B stops"
    days = chain.shock(made_up, mini, model="ario", by="days")
    assert len(days) == 365
    with pytest.raises(xinzhi.XinzhiError, match="nearest: BBB"):
        chain.shock({**made_up, "shock": [{"what": "flow", "who": ["BBC"]}]}, mini)
    with pytest.raises(xinzhi.XinzhiError, match="unknown field"):
        chain.shock({**made_up, "shoks": []}, mini)


def test_a_scenario_from_a_file_and_from_the_package(tmp_path, mini):
    file = tmp_path / "scenario.toml"
    file.write_text(
        "name = 'half of B'\n[[shock]]\nwhat = 'capacity'\nwho = ['BBB:D02']\nloss = 0.5\n", encoding="utf-8"
    )
    found = chain.shock(file, mini, model=["leontief"])
    assert found.loc[0, "region"] == "world" and found.loc[0, "value_added_loss"] > 0
    earthquake = chain.scenario("earthquake")
    earthquake["shock"][0]["loss"] = 0.0001
    small = chain.shock(earthquake, model="ghosh")
    assert small.loc[0, "region"] == "JPN"
    with pytest.raises(xinzhi.XinzhiError, match="nearest: chip-cut"):
        chain.scenario("chipcut")


@pytest.fixture(scope="module")
def example():
    """The published example of twelve links between firms, their sectors, and the roles of inputs."""
    rows = pandas.read_csv(DATA / "firm_example.csv", dtype=str)
    links = rows[["supplier", "customer", "weight"]].astype({"weight": float})
    sectors = dict(zip(rows["supplier"], rows["supplierNACE"])) | dict(zip(rows["customer"], rows["customerNACE"]))
    essential = rows[["supplierNACE", "customerNACE", "type"]].drop_duplicates().itertuples(index=False)
    return links, sectors, list(essential)


def test_systemic_risk_of_the_published_example(example, tmp_path):
    links, sectors, essential = example
    expected = {"X": 1.0, "A": 5 / 12, "K": 0.3888888888888889, "B": 0.1369047619047619, "E": 0.12320402298850575}
    options = {"buyer": "customer", "value": "weight", "essential": essential}
    answer = chain.firms(links, sectors, record=True, **options)
    found = answer.table.set_index("firm")["esri"]
    for firm, index in expected.items():
        assert found[firm] == pytest.approx(index, abs=1e-15)
    assert answer.record["input_rule"] == "leontief" and answer.record["not_converged"] == 0
    assert answer["network"].set_index("measure").loc["links", "value"] == 12
    # frames of any library, and files
    codes = pandas.DataFrame({"id": list(sectors), "nace": list(sectors.values())})
    by_frame = chain.firms(links, codes, firm="id", sector="nace", **options)
    pandas.testing.assert_frame_equal(by_frame.sort_values("firm"), answer.table.sort_values("firm"))
    links.to_csv(tmp_path / "links.csv", index=False)
    codes.to_parquet(tmp_path / "firms.parquet")
    by_file = chain.firms(tmp_path / "links.csv", tmp_path / "firms.parquet", firm="id", sector="nace", **options)
    pandas.testing.assert_frame_equal(by_file.sort_values("firm"), answer.table.sort_values("firm"))
    polars = pytest.importorskip("polars")
    found = chain.firms(polars.from_pandas(links), polars.from_pandas(codes), firm="id", sector="nace", **options)
    assert isinstance(found, polars.DataFrame)
    assert found["esri"].to_list() == answer.table["esri"].tolist()


def test_one_cascade_components_and_inputs_of_firms(example):
    links, sectors, essential = example
    options = {"buyer": "customer", "value": "weight"}
    failed = chain.firms(links, sectors, essential=essential, failing={"A": 1.0, "H": 0.5}, record=True, **options)
    losses = failed.table.set_index("firm")
    assert losses.loc[["A", "X", "K"], "loss"].tolist() == [1.0, 1.0, 1.0]
    assert losses.loc["H", "loss"] == 0.5
    assert failed["total"]["loss"][0] == pytest.approx(5.5 / 12)
    components = chain.firms(links, components=True, **options)
    assert components["firms"].tolist() == [13, 13]
    inputs = chain.firms(links, sectors, inputs_of="X", **options).set_index("supplier")
    assert inputs.loc["B", ["share_of_sector", "other_suppliers"]].tolist() == [pytest.approx(1 / 3), 2]


def test_bad_firms_and_links_are_told(example):
    links, sectors, _ = example
    options = {"buyer": "customer", "value": "weight"}
    with pytest.raises(xinzhi.XinzhiError, match="the firm L.*not in the table of firms"):
        chain.firms(links, {firm: code for firm, code in sectors.items() if firm != "L"}, **options)
    with pytest.raises(xinzhi.XinzhiError, match="negative"):
        chain.firms(links.assign(weight=-1.0), sectors, **options)
    with pytest.raises(xinzhi.XinzhiError, match="no column `buyer`"):
        chain.firms(links, sectors, value="weight")
    with pytest.raises(xinzhi.XinzhiError, match="the firm Q"):
        chain.firms(links, sectors, failing="Q", **options)
    with pytest.raises(xinzhi.XinzhiError, match="sectors"):
        chain.firms(links, **options)
    with pytest.raises(xinzhi.XinzhiError, match="is no table"):
        chain.firms([1, 2], sectors)
    own = pandas.DataFrame({"supplier": ["A"], "customer": ["A"], "weight": [2.0]})
    with pytest.warns(xinzhi.XinzhiWarning, match="links of a firm with itself"):
        chain.firms(pandas.concat([links, own]), sectors, **options)


def test_examples_in_the_documentation_run():
    assert doctest.testmod(chain).failed == 0
