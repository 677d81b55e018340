"""Numbers read from a statsmodels fit that stopped before the best fit are told so."""

import warnings

import pandas as pd
import pytest
import statsmodels.formula.api as smf

from hlmteach.fit import Fit
from hlmteach.questions import fits, get, stopped
from hlmteach.questions.cases import case
from hlmteach.questions.fits import lmer

STUDENT = "s22"  # for whose data the default search of statsmodels stops short


def default(formula, data):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return smf.mixedlm(formula, data, groups="school_id").fit()


@pytest.fixture(scope="module")
def fit():
    """The default fit of the model with ESCS, which has not arrived."""
    data = get("ch03.with-escs").data(STUDENT)
    made = default("math ~ escs", data)
    best = lmer("math ~ escs + (1 | school_id)", data)
    assert not made.converged and made.cov_re.iloc[0, 0] > 1.2 * best.sigma_u**2
    return made


def prediction(fit):
    first = next(iter(fit.model.group_labels))
    assert first == get("ch03.with-escs").data(STUDENT)["school_id"].iloc[0]
    return float(fit.fe_params.sum() + fit.random_effects[first].iloc[0])


@pytest.mark.parametrize("typed", [float, "{:.4g}".format, "{:.2f}".format])
def test_a_number_of_a_fit_that_stopped_is_told_so(fit, typed):
    said = get("ch03.with-escs").check(typed(prediction(fit)), STUDENT)
    assert said.correct is False and said.diagnosis == ("stopped-short",)
    for words in ("did not arrive", "hlm.check_model", '.fit(method="powell")', "hlm.lmer"):
        assert words in said.message


def test_a_standard_error_as_statsmodels_computes_it_is_told_so():
    question = get("ch02.stratio-se")
    made = default("math ~ desk + escs + stratio", question.data("jo"))
    assert made.converged  # it says so, and is wrong
    assert question.check(made.bse_fe["stratio"], "jo").diagnosis == ("stopped-short",)


def test_the_right_number_and_one_of_no_fit_are_judged_as_before(fit):
    question = get("ch03.with-escs")
    assert question.check(case(question, STUDENT).answer, STUDENT).correct is True
    between = (prediction(fit) + case(question, STUDENT).answer) / 2
    assert question.check(between, STUDENT).diagnosis == ()


def test_a_fit_that_arrived_gives_nothing_to_tell(fit):
    question = get("ch03.with-escs")
    assert "rounded" in question.check(case(question, "jo").answer * 1.004, "jo").message


def test_a_table_of_a_fit_that_stopped_is_told_so(monkeypatch):
    question = get("ch03.variances")
    theirs = case(question, "jo").answer * pd.Series({"between": 1.3, "within": 0.99})
    assert question.check(theirs, "jo").status == "unknown"
    monkeypatch.setattr(stopped, "_theirs", lambda made: theirs)
    assert question.check(theirs, "jo").diagnosis == ("stopped-short",)


def test_statsmodels_is_not_asked_where_it_cannot_be_the_reason(monkeypatch):
    monkeypatch.setattr(stopped, "_again", lambda made: pytest.fail("fitted again"))
    far = case(get("ch04.icc"), "jo").answer * 2
    assert get("ch04.icc").check(far, "jo").status != "right"
    assert get("ch04.n-groups").check(7, "jo").status == "unknown"


def test_what_statsmodels_has_no_notation_for_is_refused():
    data = get("ch03.with-escs").data("jo")
    with stopped.by_statsmodels(), pytest.raises(ValueError, match="no plain notation"):
        lmer("math ~ escs + (1 + escs || school_id)", data)


def test_the_default_fit_is_a_fit_as_statsmodels_left_it(fit):
    data = get("ch03.with-escs").data(STUDENT)
    with stopped.by_statsmodels():
        theirs = lmer("math ~ escs + (1 | school_id)", data)
    assert isinstance(theirs, Fit) and theirs.source == "statsmodels"
    assert theirs.sigma_u**2 == pytest.approx(fit.cov_re.iloc[0, 0])
    assert lmer("math ~ escs + (1 | school_id)", data).source != "statsmodels"


def test_questions_on_the_same_data_share_a_fit_by_statsmodels(monkeypatch):
    asked = [get("ch05.desk"), get("ch05.desk-se"), get("ch05.expected-score")]
    assert len({question.dataset for question in asked}) == 1
    made, plain = [], fits._default_mixedlm
    monkeypatch.setattr(fits, "_default_mixedlm", lambda *a: made.append(a[0]) or plain(*a))
    for question in asked:
        question.check(case(question, "shares a fit").answer * 1.2, "shares a fit")
    assert len(made) == len(set(made)) > 0
