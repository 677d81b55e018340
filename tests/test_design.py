"""From formula and table to a design, and what is said to tables that carry no model."""

import warnings

import numpy as np
import pandas as pd
import pytest

import hlmteach as hlm
from hlmteach.columns import DataError
from hlmteach.design import build
from hlmteach.formula import FormulaError, parse

RNG = np.random.default_rng(9)
N = 200
G = np.repeat(np.arange(20), 10)
DATA = pd.DataFrame({"x": RNG.normal(size=N), "z": RNG.normal(size=20)[G], "g": G})
DATA["y"] = 1 + DATA.x + RNG.normal(size=20)[G] + RNG.normal(size=N)
SHORT = "y ~ x + (1 | g)"
SLOPE = "y ~ x + (1 + x | g)"
WIDE = pd.DataFrame(RNG.normal(size=(30, 40)), columns=[f"c{k}" for k in range(40)])
WIDE = WIDE.assign(y=RNG.normal(size=30), g=np.arange(30) // 5)


def changed(**columns):
    return DATA.assign(**columns)


def test_the_arrays():
    table = changed(f=np.where(G % 2, "odd", "even")).set_index(pd.Index(range(500, 700)))
    design = build(parse("y ~ x + f + (1 + x || g)"), table)
    np.testing.assert_array_equal(design.y, DATA.y)
    assert design.names == ["Intercept", "x", "f[T.odd]"] and design.columns[0] is None
    np.testing.assert_array_equal(design.exog[:, 1], DATA.x)
    np.testing.assert_array_equal(design.exog_random, np.column_stack([np.ones(N), DATA.x]))
    assert design.random_names == ["Intercept", "x"] and design.blocks == [[0], [1]]
    np.testing.assert_array_equal(design.groups[design.codes], G)
    assert design.sizes.tolist() == [10] * 20
    assert design.index.equals(table.index) and design.frame is table
    assert (design.response, design.group_name, design.has_intercept) == ("y", "g", True)


def test_the_table_is_left_as_it_was():
    table = changed(f=RNG.choice(["a", "b"], N), x=DATA.x.where(DATA.x < 2))
    before = table.copy(deep=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        hlm.lmer("y ~ x * f + I(x**2) + (1 + x | g)", table)
        hlm.lmer("y ~ x + f + (1 | g)", table)
    pd.testing.assert_frame_equal(table, before)


@pytest.mark.parametrize(
    "formula, data, message",
    [
        (SHORT, changed(y="a"), "The outcome 'y' is not a number .it holds 'a'"),
        (SHORT, changed(y=DATA.y.astype(str)), "Convert numbers stored as text with pd.to_numeric"),
        (SHORT, changed(y=DATA.y > 0), "make 1 and 0 of a yes or no"),
        (SHORT, changed(x=DATA.x.astype(str)), "'x' holds numbers stored as text: 200 different"),
        (SHORT, changed(x=[*map(str, DATA.x[:-1]), "missing"]), "beside 'missing'"),
        (SHORT, changed(x=pd.date_range("2020", periods=N)), "'x' holds complex numbers, dates"),
        (SHORT, changed(y=DATA.y.where(G > 0, np.inf)), "'y' is infinite .* in 10 rows"),
        (SHORT, changed(x=DATA.x.where(G > 0, -np.inf)), "'x' is infinite .* in 10 rows"),
        (SLOPE.replace("~ x", "~ 1"), changed(x=DATA.x.where(G > 0, np.inf)), "'x' is infinite"),
        ("y ~ z * x + (1 | g)", changed(x=DATA.x.where(G > 0, np.inf)), "is infinite or not a num"),
        (SHORT, changed(x=DATA.x * 1e200), r"'x' holds values as far from 1 as .*e\+200.*Rescale"),
        (SHORT, changed(x=DATA.x * 1e-200), "'x' holds values as far from 1 as .*e-200"),
        (SHORT, changed(y=DATA.y * 1e308), "'y' .*Rescale it|'y' is infinite"),
        (SLOPE, changed(x=DATA.x * 1e150), "'x' holds values as far from 1"),
        (SHORT, changed(y=3.0), "The outcome 'y' is 3 in every row: no variance"),
        (SHORT, changed(y=0), "The outcome 'y' is 0 in every row"),
        (SHORT, changed(x=np.nan), "No row is complete: 'x' is missing in 200 of 200 rows"),
        (SHORT, changed(y=pd.NA), "'y' is missing in 200 of 200"),
        (SHORT, changed(g=None), "'g' is missing in 200 of 200"),
        (SHORT, changed(g="A"), "'g' has one group only .'A'.*has a filter left a single group"),
        (SHORT, changed(x=DATA.x.where(G == 3)), "'g' has one group only .'3'"),
        (SHORT, changed(g=range(N)), "'g' has 200 groups for 200 rows: one row each"),
        (SLOPE, changed(g=np.arange(N) // 2), "2 random effects for each of 100 groups are 200"),
        (SLOPE, changed(x=2.0), "random slope 'x' is constant or determined by 'Intercept'"),
        ("y ~ z + (0 + x | g)", changed(x=0.0), "The random slope 'x' is zero in every row"),
        (
            "y ~ x + (1 + x + w | g)",
            changed(w=1 - 2 * DATA.x),
            "'w' is constant or determined by 'Intercept' and 'x'",
        ),
        ("y ~ x + (1 + f | g)", changed(f="a"), "The random slope 'f' is not a number"),
        ("y ~ w + (1 | g)", DATA, "The column 'w' is not in the table"),
        ("y ~ x + (1 | school)", DATA, "The column 'school' is not in the table"),
        ("w ~ x + (1 | g)", DATA, "The column 'w' is not in the table"),
        ("y ~ I(w**2) + (1 | g)", DATA, "The column 'w' is not in the table"),
        (SHORT, DATA.set_index("g"), "'g' is in its index"),
        (SHORT, pd.concat([DATA, DATA[["g"]]], axis=1), "more than one column called 'g'"),
        (SHORT, DATA.iloc[:0], "The table has no rows"),
        (SHORT, DATA.to_dict("list"), "must be a pandas DataFrame; got dict"),
        ("y ~ f + (1 | g)", changed(f=range(N)).astype({"f": "category"}), "alone has 200 levels"),
        ("y ~ Intercept + (1 | g)", changed(Intercept=DATA.x), "would be called 'Intercept'"),
        (
            "y ~ " + " + ".join(WIDE.columns[:40]) + " + (1 | g)",
            WIDE,
            "41 fixed coefficients for 30 rows: use fewer predictors",
        ),
    ],
)
def test_hopeless_tables(formula, data, message):
    with warnings.catch_warnings(), pytest.raises(DataError, match=message) as caught:
        warnings.simplefilter("error")
        hlm.lmer(formula, data)
    assert "\n" not in str(caught.value)


NOTHING_LEFT = "no variance left within groups once the predictors are taken into account"


@pytest.mark.parametrize("reml", [True, False])
@pytest.mark.parametrize(
    "formula, y",
    [
        (SHORT, DATA.z),
        ("y ~ 1 + (1 | g)", DATA.z),
        ("y ~ 1 + (1 | g)", DATA.g + 1e9),
        ("y ~ 0 + x + (1 | g)", DATA.z),
        (SLOPE, DATA.z),
        ("y ~ x + (1 + x || g)", DATA.z),
        (SHORT, DATA.x),
        (SHORT, 2 * DATA.x + 1),
        (SHORT, DATA.x + DATA.z),
        ("y ~ x + z + (1 | g)", DATA.x - 3 * DATA.z),
        (SLOPE, DATA.x * DATA.z),
        ("y ~ 1 + (0 + x | g)", DATA.x * DATA.z),
    ],
)
def test_an_outcome_without_variance_within_groups(formula, y, reml):
    with warnings.catch_warnings(), pytest.raises(DataError, match=NOTHING_LEFT) as caught:
        warnings.simplefilter("error")
        hlm.lmer(formula, changed(y=y), reml=reml)
    assert "Is it a property of 'g', or a copy of a predictor?" in str(caught.value)


def test_an_outcome_among_the_random_slopes():
    with pytest.raises(DataError, match=NOTHING_LEFT):
        hlm.lmer("y ~ x + (1 + y | g)", DATA)


@pytest.mark.parametrize(
    "response, values",
    [
        ("np.log(y + 9)", np.log(DATA.y + 9)),
        ("I(y * 2)", DATA.y * 2),
        ("I(y + x)", DATA.y + DATA.x),
    ],
)
def test_computed_outcomes(response, values):
    fit = hlm.lmer(f"{response} ~ z + (1 | g)", DATA)
    np.testing.assert_allclose(fit.design.y, values)
    assert fit.criterion == pytest.approx(
        hlm.lmer("y ~ z + (1 | g)", changed(y=values)).criterion, abs=1e-9
    )


@pytest.mark.parametrize("response", ["y + x", "1", "y * x", "0", "poly(y, 2)"])
def test_outcomes_that_are_not_one_column(response):
    with pytest.raises(FormulaError, match="it takes one numeric column, or one computation"):
        hlm.lmer(f"{response} ~ z + (1 | g)", DATA)


def test_every_value_of_the_index_is_allowed():
    plain = hlm.lmer(SHORT, DATA)
    for index in (
        pd.Index(G, name="g2"),
        pd.MultiIndex.from_arrays([G, range(N)]),
        pd.Index(["same"] * N),
        pd.date_range("2020", periods=N),
    ):
        for formula in (SHORT, "y ~ I(x) + (1 | g)"):
            fit = hlm.lmer(formula, DATA.set_axis(index))
            assert fit.criterion == pytest.approx(plain.criterion, abs=1e-9)
            assert fit.fitted.index.equals(index)


@pytest.mark.filterwarnings("ignore::hlmteach.columns.MissingRowsWarning")
def test_missing_rows_with_an_index_that_is_not_unique():
    holes = DATA.assign(x=DATA.x.where(DATA.index % 7 > 0))
    plain = hlm.lmer(SHORT, holes.dropna())
    for formula in (SHORT, "y ~ I(x) + (1 | g)"):
        fit = hlm.lmer(formula, holes.set_axis(["same"] * N))
        assert fit.criterion == pytest.approx(plain.criterion, abs=1e-9)
        assert fit.n == len(fit.fitted) == holes.x.notna().sum()


def test_the_grouping_column_can_be_a_predictor():
    fit = hlm.lmer("y ~ x + g + (1 | g)", DATA)
    assert fit.names == ["Intercept", "x", "g"]
    text = changed(g=[f"s{k}" for k in G])
    assert len(hlm.lmer("y ~ x + g + (1 | g)", text).names) == 2 + 19


def test_as_few_degrees_of_freedom_as_there_can_be():
    wide = hlm.lmer("y ~ " + " + ".join(WIDE.columns[:28]) + " + (1 | g)", WIDE)
    assert wide.n - len(wide.names) == 1
    pair = changed(g=[0, 0, *range(2, N)])
    assert hlm.lmer(SHORT, pair).n_groups == N - 1
