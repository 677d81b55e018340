"""The fixed part as columns: the short way and the formula library's give the same."""

import warnings

import numpy as np
import pandas as pd
import pytest

import hlmteach as hlm
from hlmteach.coding import FormulaColumns, required_columns
from hlmteach.columns import DataError
from hlmteach.formula import FormulaError

RNG = np.random.default_rng(6)
N = 240
G = np.repeat(np.arange(20), 12)
DATA = pd.DataFrame({"x": RNG.normal(size=N), "z": RNG.normal(size=20)[G], "g": G})
DATA["f"] = RNG.choice(["b", "c", "a"], N)
DATA["desk"] = RNG.choice(["yes", "no"], N)
DATA["flag"] = RNG.random(N) < 0.4
DATA["k"] = RNG.integers(1, 4, N)
DATA["y"] = 1 + DATA.x + (DATA.f == "b") + RNG.normal(size=20)[G] + RNG.normal(size=N)
KINDS = {
    "text": DATA,
    "objects": DATA.astype({"f": object, "desk": object, "flag": object, "x": object}),
    "categories": DATA.astype({"f": "category", "desk": "category", "flag": "category"}),
    "order": DATA.assign(f=pd.Categorical(DATA.f, list("qcbaz"))),
    "nullable": DATA.astype({"flag": "boolean", "k": "Int64", "x": "Float64", "f": "string"}),
}


def columns_of(fixed, data):
    design = hlm.lmer(f"y ~ {fixed} + (1 | g)", data).design
    return dict(zip(design.names, design.exog.T, strict=True)), design


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "fixed", ["x + z", "f", "x + f + desk", "flag + x", "0 + f + x", "0 + x + f + desk", "x - 1"]
)
def test_both_ways_give_the_same_columns(fixed, kind):
    data = KINDS[kind]
    short, design = columns_of(fixed, data)
    # A term that adds nothing sends the same formula through the library.
    long, other = columns_of(fixed + " + I(x**2 * z)", data)
    long.pop("I(x ** 2 * z)")
    assert set(short) == set(long)
    for name in short:
        np.testing.assert_array_equal(short[name], long[name], err_msg=name)
    assert design.references == other.references


@pytest.mark.filterwarnings("ignore::hlmteach.columns.MissingRowsWarning")
@pytest.mark.parametrize("kind", KINDS)
def test_both_ways_drop_the_same_rows_and_levels(kind):
    data = KINDS[kind]
    data = data.assign(x=data.x.where(data.f != "c"))  # level c goes with its rows
    short, design = columns_of("x + f", data)
    long, other = columns_of("x + f + I(x**2)", data)
    assert design.n == other.n == int((DATA.f != "c").sum())
    assert [n for n in short if n.startswith("f")] == [n for n in long if n.startswith("f")]
    assert len(short) == 3


@pytest.mark.parametrize(
    "fixed, names, references",
    [
        ("f", ["f[T.b]", "f[T.c]"], {"f": "a"}),
        ("0 + f", ["f[a]", "f[b]", "f[c]"], {}),
        ("flag", ["flag[T.True]"], {"flag": False}),
        ("C(k)", ["C(k)[T.2]", "C(k)[T.3]"], {"C(k)": 1}),
        ("C(f, Treatment('b'))", None, {"C(f, Treatment('b'))": "b"}),
        ("C(f, Treatment(reference='c'))", None, {"C(f, Treatment(reference='c'))": "c"}),
        ("C(f, Sum)", None, {}),
        ("desk:x", ["desk[no]:x", "desk[yes]:x"], {}),
        ("desk * x", ["desk[T.yes]", "x", "desk[T.yes]:x"], {"desk": "no"}),
        ("x + I(x**2)", ["x", "I(x ** 2)"], {}),
        ("center(x)", ["center(x)"], {}),
        ("np.exp(x) + Q('z')", ["np.exp(x)", "Q('z')"], {}),
    ],
)
def test_names_and_reference_levels(fixed, names, references):
    found, design = columns_of(fixed, DATA)
    if names:
        assert [n for n in found if n != "Intercept"] == names
    assert design.references == references


def test_reference_level_follows_the_order_of_a_categorical():
    data = DATA.assign(f=pd.Categorical(DATA.f, ["z", "c", "a", "b"]))
    for fixed in ("f", "f + I(x)"):
        found, design = columns_of(fixed, data)
        assert design.references == {"f": "c"}
        assert {"f[T.a]", "f[T.b]"} < set(found) and "f[T.z]" not in found


def test_categories_are_ones_and_zeros():
    found, _ = columns_of("f + flag", DATA)
    np.testing.assert_array_equal(found["f[T.b]"], DATA.f == "b")
    np.testing.assert_array_equal(found["flag[T.True]"], DATA.flag)


def test_transformations():
    found, _ = columns_of("I(x**2) + center(x) + np.log(np.abs(x)) + x:z", DATA)
    np.testing.assert_allclose(found["I(x ** 2)"], DATA.x**2)
    np.testing.assert_allclose(found["center(x)"], DATA.x - DATA.x.mean())
    np.testing.assert_allclose(found["np.log(np.abs(x))"], np.log(DATA.x.abs()))
    np.testing.assert_allclose(found["x:z"], DATA.x * DATA.z)


@pytest.mark.parametrize(
    "name", ["my x", "my.x", "my-x", "größe", "class", "I", "C", "np", "center", "2x", "$a%b"]
)
def test_names_of_every_kind(name):
    data = DATA.rename(columns={"x": name})
    plain = hlm.lmer("y ~ x + (1 | g)", DATA)
    fit = hlm.lmer(f"y ~ `{name}` + (1 | g)", data)
    assert fit.names == ["Intercept", name] and fit.criterion == plain.criterion
    np.testing.assert_allclose(fit.predict(data), fit.fitted)
    product = hlm.lmer(f"y ~ `{name}` * z + (1 + `{name}` | g)", data)
    same = hlm.lmer("y ~ x * z + (1 + x | g)", DATA)
    assert product.criterion == pytest.approx(same.criterion, abs=1e-9)
    np.testing.assert_allclose(product.predict(data), product.fitted)


@pytest.mark.parametrize(
    "expression, names",
    [
        ("x + z", ["x", "z"]),
        ("x * z + I(x**2)", ["x", "z"]),
        ("center(x) + scale(z)", ["x", "z"]),
        ("np.log(x) + C(f, Treatment('b'))", ["f", "x"]),
        ("I(`my x` + 1) + `my z`", ["my x", "my z"]),
        ("Q('my x')", ["my x"]),
        ("I(x - x.mean())", ["x"]),
        ("bs(x, df=4)", ["x"]),
        ("1", []),
    ],
)
def test_required_columns(expression, names):
    assert required_columns(expression) == names


@pytest.mark.parametrize(
    "fixed, message",
    [
        ("foo(x)", "name 'foo' is not defined.*data.assign"),
        ("sqrt(x)", r"name 'sqrt' is not defined\. Known are np\.sqrt\(x\)"),
        ("factor(f)", r"C\(x\) for categories"),
        ("relevel(f, ref='b')", r"C\(x, Treatment\('b'\)\) for another reference"),
        ("I(x^2)", r"In Python a power is written \*\*, not \^"),
        ("C(desk, Treatment('maybe'))", "`'maybe'` .* is not among the provided levels"),
        ("as.factor(k)", "Cannot read 'as.factor.k.': invalid syntax. Write the predictors"),
        ("my x", "names with a space or a dash go into back ticks"),
        ("x, z", "Unknown operator ','"),
        ("'x'", "String literals are not valid"),
        ("2", "Numeric literals"),
        ("x == 1", "Unknown operator '='"),
        ("x.nothing()", "no attribute 'nothing'"),
        ("I(1 / 0)", "division by zero"),
    ],
)
def test_what_the_library_cannot_do(fixed, message):
    with pytest.raises(FormulaError, match=message) as caught:
        hlm.lmer(f"y ~ {fixed} + (1 | g)", DATA)
    assert "\n" not in str(caught.value) and "\x1b" not in str(caught.value)


@pytest.mark.parametrize("fixed", ["np.log(x)", "I(1 / (x - x))", "x + log(x):z"])
def test_impossible_values_are_an_error_and_no_warning(fixed):
    with warnings.catch_warnings(), pytest.raises(DataError, match="is infinite or not a number"):
        warnings.simplefilter("error")
        hlm.lmer(f"y ~ {fixed} + (1 | g)", DATA)


@pytest.mark.parametrize("fixed", ["desk", "desk * x"])
def test_a_category_without_a_contrast(fixed):
    with pytest.raises(DataError, match="'desk' is 'yes' in every row that is left"):
        hlm.lmer(f"y ~ {fixed} + (1 | g)", DATA.assign(desk="yes"))


@pytest.mark.parametrize("fixed", ["z + x", "z * x", "x + I(z**2)"])
def test_numbers_stored_as_text(fixed):
    data = DATA.assign(x=DATA.x.round(1).astype(str))
    with pytest.raises(DataError, match="'x' holds numbers stored as text"):
        hlm.lmer(f"y ~ {fixed} + (1 | g)", data)
    as_categories = hlm.lmer("y ~ C(x) + I(z**2) + (1 | g)", data)
    assert len(as_categories.beta) == data.x.nunique() + 1


def test_only_the_columns_of_the_formula_are_touched():
    table = DATA[["x", "f"]].assign(f=DATA.f.astype("category"))
    coded, columns = FormulaColumns.learn("x * f", table)
    assert coded.wanted == ["x", "f"] and len(columns) == 6
    # A column that cannot be read does no harm where the formula does not name it.
    assert hlm.lmer("y ~ x * f + (1 | g)", DATA.assign(odd=[[1]] * N)).n == N


def test_categories_made_of_numbers():
    for data in (DATA, DATA.astype({"k": "Int64"}), DATA.astype({"k": "int8"})):
        fit = hlm.lmer("y ~ C(k) + x + (1 | g)", data)
        assert "C(k)[T.2]" in fit.names
        np.testing.assert_allclose(fit.predict(data), fit.fitted)
        new = data.iloc[:3].astype({"k": float}).assign(k=[1, np.nan, 3])
        assert fit.predict(new).isna().tolist() == [False, True, False]
        with pytest.raises(DataError, match="A category is one that the fit has not seen"):
            fit.predict(new.assign(k=[1, 7, 3]))
        assert fit.predict(new.assign(k=np.nan)).isna().all()


def test_rows_to_predict_may_be_few_or_none():
    fit = hlm.lmer("y ~ x * f + (1 | g)", DATA)
    assert len(fit.predict(DATA.iloc[:0])) == 0
    np.testing.assert_allclose(fit.predict(DATA.iloc[[5]]), fit.fitted.iloc[[5]])
    twice = DATA.iloc[[5, 5]]
    np.testing.assert_allclose(fit.predict(twice), fit.fitted.iloc[[5, 5]])
