"""`summary` in lme4's layout: the tables, the text and the HTML."""

import warnings
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

import hlmteach as hlm

FOLDER = Path(__file__).parent / "reference" / "data"
BASE, SLOPES = pd.read_csv(FOLDER / "base.csv"), pd.read_csv(FOLDER / "slopes.csv")

FACTOR = """\
Linear mixed model fit by REML
Formula: y ~ x + f + (1 | g)

REML criterion at convergence: 1912.0

Scaled residuals:
     Min       1Q   Median      3Q     Max
 -2.5998  -0.6379  -0.0224  0.6625  3.3073

Random effects:
 Groups    Name       Variance  Std.Dev.
 g         Intercept     4.786     2.188
 Residual                4.257     2.063
Number of obs: 427, groups: g, 30

Fixed effects:
            Estimate  Std. Error     df  t value  Pr(>|t|)
 Intercept   11.3854      0.4676   45.7   24.347    <0.001
 x            1.8952      0.1038  405.4   18.256    <0.001
 f[T.low]    -1.7529      0.2948  397.4   -5.946    <0.001
 f[T.mid]    -1.3065      0.2760  396.9   -4.734    <0.001

Correlation of Fixed Effects:
           Intercept       x  f[T.low]
 x            -0.006
 f[T.low]     -0.399  -0.004
 f[T.mid]     -0.429  -0.057     0.664

t-tests use Satterthwaite's degrees of freedom (as lmerTest)
Reference of f: high"""

SLOPE = """\
Random effects:
 Groups    Name       Variance  Std.Dev.  Corr
 g         Intercept    1.7027    1.3049
           x            0.5739    0.7575  0.52
 Residual               3.9372    1.9842
Number of obs: 535, groups: g, 36

Fixed effects:
            Estimate  Std. Error  t value
 Intercept    9.7557      0.2397   40.694
 x            1.8553      0.1602   11.581
 z           -1.4063      0.1899   -7.404

Correlation of Fixed Effects:
    Intercept       x
 x      0.354
 z      0.047  -0.048"""

ML = """\
Linear mixed model fit by maximum likelihood
Formula: y ~ x + z + (1 | g)

    AIC     BIC  logLik  deviance  df.resid
 1940.3  1960.6  -965.2    1930.3       422
"""


def fit(formula: str, data: pd.DataFrame, **options) -> hlm.Fit:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return hlm.lmer(formula, data, **options)


# The numbers in these three are those that R prints for the same models.
def test_a_random_intercept_as_lmertest_prints_it() -> None:
    assert str(hlm.summary(fit("y ~ x + f + (1 | g)", BASE))) == FACTOR


def test_a_random_slope_as_lme4_prints_it() -> None:
    text = str(hlm.summary(fit("y ~ x + z + (1 + x | g)", SLOPES), tests="none"))
    assert text.endswith(SLOPE)
    assert "REML criterion at convergence: 2355.2" in text


def test_maximum_likelihood() -> None:
    assert str(hlm.summary(fit("y ~ x + z + (1 | g)", BASE, reml=False))).startswith(ML)


def test_two_slopes_have_columns_of_correlations() -> None:
    data = pd.read_csv(FOLDER / "slopes_two.csv")
    lines = str(hlm.summary(fit("y ~ x + w + (1 + x + w | g)", data))).splitlines()
    at = lines.index("Random effects:")
    assert lines[at + 1].split() == ["Groups", "Name", "Variance", "Std.Dev.", "Corr", "x"]
    assert lines[at + 4].split() == ["w", "0.5293", "0.7275", "-0.41", "-0.01"]


def test_an_empty_model_has_no_correlations() -> None:
    found = hlm.summary(fit("y ~ 1 + (1 | g)", BASE))
    assert "Correlation of Fixed Effects" not in str(found)
    assert "Reference" not in str(found)


def test_tables_are_data() -> None:
    model = fit("y ~ x + z + (1 + x | g)", SLOPES)
    found = hlm.summary(model)
    assert found.fixed.columns.tolist() == ["estimate", "se", "df", "t", "p"]
    np.testing.assert_allclose(found.fixed.t, model.beta / model.se)
    assert found.random.equals(model.varcorr)
    assert found.residuals.index.tolist() == ["Min", "1Q", "Median", "3Q", "Max"]
    scaled = np.sort(model.resid / model.sigma_e)
    assert found.residuals["Min"] == scaled[0] and found.residuals["Max"] == scaled[-1]
    np.testing.assert_allclose(np.diag(found.corr), 1)
    expected = model.cov_beta.loc["x", "z"] / model.se["x"] / model.se["z"]
    assert found.corr.loc["x", "z"] == pytest.approx(expected)


def test_z_tests() -> None:
    found = hlm.summary(fit("y ~ x + (1 | g)", BASE), tests="normal")
    assert found.fixed.columns.tolist() == ["estimate", "se", "z", "p"]
    assert "z value  Pr(>|z|)" in str(found)
    assert "z-tests from the normal distribution" in found.notes
    with pytest.raises(ValueError, match="can be 'satterthwaite', 'normal', 'none'"):
        hlm.summary(fit("y ~ x + (1 | g)", BASE), tests="kenward")


def test_notes_tell_what_happened() -> None:
    data = BASE.assign(twice=2 * BASE.x, x=BASE.x.where(BASE.index > 9))
    notes = hlm.summary(fit("y ~ x + twice + h + (1 | g)", data)).notes
    assert "Dropped, determined by other columns: twice" in notes
    assert "Reference of h: no" in notes
    assert any(note.startswith("10 of 427 rows have a missing value") for note in notes)
    singular = pd.read_csv(FOLDER / "singular.csv")
    notes = hlm.summary(fit("y ~ x + z + (1 | g)", singular)).notes
    assert "Boundary (singular) fit: a variance is zero or a correlation is 1 or -1" in notes


@pytest.mark.parametrize(
    "fixed, stated",
    [
        ("f", ["Reference of f: high"]),
        ("C(f, Treatment('low'))", ["Reference of C(f, Treatment('low')): low"]),
        ("0 + f", []),
        ("x * f + h", ["Reference of f: high", "Reference of h: no"]),
    ],
)
def test_the_reference_level_is_stated(fixed: str, stated: list[str]) -> None:
    notes = hlm.summary(fit(f"y ~ {fixed} + (1 | g)", BASE)).notes
    assert [note for note in notes if note.startswith("Reference")] == stated


def test_a_statsmodels_result() -> None:
    result = smf.mixedlm("y ~ x + z", BASE, groups="g").fit()
    text = str(hlm.summary(result))
    assert text.startswith("Linear mixed model fit by REML by statsmodels\nFormula: y ~ x + z + (")
    assert "Number of obs: 427, groups: g, 30" in text
    result._results.converged = False
    assert "The optimiser did not converge; see check_model" in hlm.summary(result).notes


@pytest.mark.parametrize("scale", [1e-8, 1e-3, 1.0, 1e5, 1e9])
def test_numbers_of_any_size_stay_readable(scale: float) -> None:
    plain = fit("y ~ x + (1 | g)", BASE)
    data = BASE.assign(y=BASE.y * scale, x=BASE.x / scale)
    text = str(hlm.summary(fit("y ~ x + (1 | g)", data)))
    assert max(map(len, text.splitlines())) < 80
    row = next(line for line in text.splitlines() if line.startswith(" x ")).split()
    assert float(row[1]) == pytest.approx(plain.beta["x"] * scale**2, rel=1e-3)
    assert float(row[2]) == pytest.approx(plain.se["x"] * scale**2, rel=1e-3)


class Tables(HTMLParser):
    """Counts tags and refuses HTML that does not close them."""

    def __init__(self) -> None:
        super().__init__()
        self.open, self.seen = [], []

    def handle_starttag(self, tag, attrs) -> None:
        self.seen.append(tag)
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag) -> None:
        assert self.open.pop() == tag


def test_html() -> None:
    data = BASE.rename(columns={"x": "x<b>", "g": "g&h"})
    html = hlm.summary(fit("y ~ `x<b>` + f + (1 | `g&h`)", data))._repr_html_()
    tables = Tables()
    tables.feed(html)
    assert tables.open == [] and tables.seen.count("table") == 4
    assert tables.seen.count("caption") == 4
    for part in (
        "x&lt;b&gt;",
        "g&amp;h",
        "427 observations, 30 groups",
        "1912.0",
        "Reference of f",
    ):
        assert part in html
    assert "<b>" not in html
