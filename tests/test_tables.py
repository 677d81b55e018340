"""The publication table: the models' numbers, laid out and rendered."""

import re
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

import hlmteach as hlm


@pytest.fixture(scope="module")
def data():
    params = hlm.Params(beta={"Intercept": 480, "escs": -30}, sigma_u=40, sigma_e=80)
    return hlm.simulate(
        params, n_groups=40, group_size=(5, 30), outcome="math", group="school_id", seed=7
    )


@pytest.fixture(scope="module")
def models(data):
    return [hlm.lmer(f"math ~ {x} + (1 | school_id)", data) for x in ("1", "escs")]


def test_numbers_are_the_models(models):
    numbers = hlm.table(models, ["m0", "m1"]).numbers
    m1 = models[1]
    tests = hlm.coefficient_tests(m1)
    row = numbers.loc[("Fixed effects", "escs"), "m1"]
    np.testing.assert_allclose(row[["value", "se", "df", "p"]], tests.loc["escs"].drop("t"))
    expected = {
        "Between schools": m1.sigma_u**2,
        "Within schools (residual)": m1.sigma_e**2,
        "ICC": m1.icc,
    }
    values = numbers.loc["Random effects (variances)"]["m1", "value"]
    pd.testing.assert_series_equal(values, pd.Series(expected), check_names=False)
    size = numbers.loc["Size and fit"]["m1", "value"]
    assert size.to_list() == [m1.n, 40, m1.criterion, m1.aic]


def test_cells_read_as_printed(models):
    frame = hlm.table(models, ["m0", "m1"]).frame
    m1 = models[1]
    assert frame.loc[("Fixed effects", "escs")].to_list() == [
        "",
        f"{m1.beta['escs']:.2f} ({m1.se['escs']:.2f})",
    ]
    assert frame.loc[("Size and fit", "Students"), "m0"] == f"{m1.n:,}"
    assert frame.index.get_level_values("row").to_list() == [
        "Intercept",
        "escs",
        "Between schools",
        "Within schools (residual)",
        "ICC",
        "Students",
        "Schools",
        "REML criterion",
        "AIC",
    ]


def test_interval_and_p_beside(models):
    ci = hlm.table(models[1], beside="ci").frame.loc[("Fixed effects", "escs"), "Model 1"]
    value, low, high = map(float, re.findall(r"-?\d+\.\d+", ci))
    assert low < value < high and value - low == pytest.approx(high - value, abs=0.011)
    assert 1.95 < (high - value) / models[1].se["escs"] < 2.05
    p = hlm.table(models[1], beside="p")
    assert p.frame.loc[("Fixed effects", "escs"), "Model 1"].endswith("(<.001)")
    assert "Satterthwaite's degrees of freedom" in p.notes[1]


def test_digits(models):
    cell = hlm.table(models, digits=3).frame.loc[("Fixed effects", "Intercept"), "Model 1"]
    assert re.fullmatch(r"\d{3}\.\d{3} \(\d\.\d{3}\)", cell)


def test_notes_warn_of_false_comparisons(data, models):
    assert any("only models with the same fixed effects" in n for n in hlm.table(models).notes)
    same = hlm.table([models[0], models[0]], ["a", "b"])
    assert same.notes == ["Estimated by REML.", "Standard errors in brackets."]
    ml = models[0].refit(reml=False)
    assert hlm.table([models[0], ml], ["a", "b"]).notes[0] == (
        "Estimated by REML (a), maximum likelihood (b)."
    )
    fewer = hlm.lmer("math ~ 1 + (1 | school_id)", data.iloc[30:])
    assert any("use different rows" in note for note in hlm.table([models[0], fewer]).notes)


def test_deviance_and_reml_criterion_have_rows_of_their_own(models):
    both = hlm.table([models[0], models[0].refit(reml=False)], ["a", "b"]).frame
    assert both.loc[("Size and fit", "Deviance")].to_list()[0] == ""
    assert both.loc[("Size and fit", "REML criterion")].to_list()[1] == ""
    assert both.index[-1] == ("Size and fit", "AIC")


def test_singular_fits_say_so():
    rng = np.random.default_rng(0)
    y = np.tile([1.0, 2.0, 3.0], 10) + 1e-3 * rng.random(30)
    flat = pd.DataFrame({"y": y, "g": np.repeat(range(10), 3)})
    printed = hlm.table({"flat": hlm.lmer("y ~ 1 + (1 | g)", flat)})
    assert "flat is singular: a variance is zero or a correlation is one." in printed.notes
    assert printed.frame.loc[("Random effects (variances)", "ICC"), "flat"] == "0.00"


def test_random_slopes_and_categories(data):
    both = data.assign(desk=pd.Categorical(np.where(data.index % 3, "yes", "no")))
    fit = hlm.lmer("math ~ desk + escs + (1 + escs | school_id)", both)
    rows = hlm.table(fit).frame.index.get_level_values("row")
    assert "desk: yes" in rows
    assert list(rows[3:8]) == [
        "Between schools",
        "Slope of escs between schools",
        "Correlation (Intercept, escs)",
        "Within schools (residual)",
        "ICC",
    ]


def test_a_statsmodels_result_does_as_well(data):
    result = smf.mixedlm("math ~ escs", data, groups="school_id").fit()
    frame = hlm.table([result]).frame
    assert frame.loc[("Size and fit", "Schools"), "Model 1"] == "40"


def test_text_is_aligned(models):
    lines = str(hlm.table(models, ["m0", "m1"])).split("\n")
    rule = {len(line) for line in lines if set(line) == {"-"}}
    assert len(rule) == 1
    assert all(len(line) <= rule.copy().pop() for line in lines[: -len(hlm.table(models).notes)])
    dots = [
        line.index(".") for line in lines if re.match(r"  (Intercept|Between|Within|ICC)", line)
    ]
    assert len(set(dots)) == 1
    "\n".join(lines).encode("cp1252")  # as Windows writes it into a file


class _Cells(HTMLParser):
    """Rows as widths in columns; header cells with their scope."""

    def __init__(self):
        super().__init__()
        self.rows, self.scopes = [], []

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "tr":
            self.rows.append(0)
        if tag in ("td", "th"):
            self.rows[-1] += int(attrs.get("colspan", 1))
        if tag == "th":
            self.scopes.append(attrs.get("scope"))


def test_html_is_an_accessible_table(models):
    html = hlm.table(models, ["m<0>", "m1"])._repr_html_()
    cells = _Cells()
    cells.feed(html)
    assert set(cells.rows) == {5}  # every row fills the term and two columns a model
    assert set(cells.scopes) == {"col", "row", "rowgroup"}
    assert "<caption" in html and "m&lt;0&gt;" in html
    assert html.count("<tbody>") == html.count("</tbody>") == 3
    assert "class=" not in html and "<style" not in html  # a word processor drops both
    assert f"−{abs(models[1].beta['escs']):.2f}" in html


def test_a_word_processor_keeps_lines_and_spaces(models):
    """LibreOffice drops the lines of a table itself, and the padding between two cells."""
    top, *rows = hlm.table(models)._repr_html_().split("<tr")[1:]
    assert top.count("border-top:") == top.count("border-bottom:") == top.count("<th")
    assert rows[-1].count("border-bottom:") == rows[-1].count("<th") + rows[-1].count("<td")
    assert "border" not in "".join(rows[:-1])
    coefficients = [row for row in rows if "(" in row and "<td" in row and "residual" not in row]
    assert all("&nbsp;(" in row for row in coefficients)


def test_latex_escapes_and_balances(data):
    odd = hlm.lmer("math ~ es_cs + (1 | school_id)", data.rename(columns={"escs": "es_cs"}))
    latex = hlm.table(odd, ["50 % & more"], beside="ci").to_latex()
    assert r"es\_cs" in latex and r"50 \% \& more" in latex
    assert r"{[}$-$" in latex
    assert latex.count("{") == latex.count("}")
    rows = [r for r in latex.split("\n") if r.endswith(r"\\") and "multicolumn{3}" not in r]
    columns = {len(re.findall(r"(?<!\\)&", row)) + row.count("multicolumn") for row in rows}
    assert columns == {2}
    inside, _, below = latex.partition("\\end{tabular}")
    assert "Note. Estimated by REML." in below and "Estimated" not in inside


def test_thousands_have_a_comma(models):
    frame = hlm.table(models, ["m0", "m1"]).frame
    residual = frame.loc[("Random effects (variances)", "Within schools (residual)"), "m0"]
    assert residual == f"{models[0].sigma_e ** 2:,.2f}" and residual[1] == ","
    assert frame.loc[("Size and fit", "AIC"), "m0"] == f"{models[0].aic:,.1f}"


def test_errors(models):
    with pytest.raises(ValueError, match="1 names for 2 models: give one name a model"):
        hlm.table(models, ["m0"])
    with pytest.raises(ValueError, match="Two models have the same name"):
        hlm.table(models, ["m", "m"])
    with pytest.raises(ValueError, match="There are no models to show"):
        hlm.table([])
    with pytest.raises(ValueError, match="beside names 'stars'"):
        hlm.table(models, beside="stars")
    with pytest.raises(TypeError, match="fitted multilevel model is needed here"):
        hlm.table([models[0], "m1"])
