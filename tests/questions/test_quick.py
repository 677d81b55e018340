"""The quick MixedLM searches as statsmodels' own does, and stops where it stops."""

import warnings

import numpy as np
import pytest
import statsmodels.formula.api as smf
from numpy.testing import assert_allclose
from statsmodels.regression.mixed_linear_model import MixedLM, MixedLMParams

from hlmteach.questions import get
from hlmteach.questions.quick import QuickMixedLM

MODELS = {
    "ch03.with-escs": ("math ~ escs", None),
    "ch09.slope-sd": ("math ~ escs_within + escs_mean", "~ escs_within"),
}
SHORT = "s22"  # for whose ch03 data the default search stops short


def both(question, student):
    formula, slopes = MODELS[question]
    words = {"data": get(question).data(student), "groups": "school_id", "re_formula": slopes}
    return smf.mixedlm(formula, **words), QuickMixedLM.from_formula(formula, **words)


@pytest.mark.parametrize("question", MODELS)
@pytest.mark.parametrize("student", ["jo", SHORT])
@pytest.mark.parametrize("reml", [True, False])
def test_the_same_fit(question, student, reml):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        plain, quick = (model.fit(reml=reml) for model in both(question, student))
    assert_allclose(quick.params, plain.params, rtol=1e-6)
    assert_allclose(quick.bse_fe, plain.bse_fe, rtol=1e-6)
    assert_allclose([quick.scale, quick.llf], [plain.scale, plain.llf], rtol=1e-6)


@pytest.mark.parametrize("reml", [True, False])
@pytest.mark.parametrize("packed", [[1.3, -0.4, 0.6], [0.2, 0.1, 1e-7]], ids=["plain", "singular"])
def test_the_same_criterion_and_slope_anywhere(packed, reml):
    for model in (models := both("ch09.slope-sd", "jo")):
        model.reml, model.cov_pen, model.fe_pen, model._freepat = reml, None, None, None
        model._cov_sing = 0
    plain, quick = models
    packed = np.array(packed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert_allclose(quick.loglike(packed), plain.loglike(packed), rtol=1e-12)
        assert_allclose(quick.score(packed), plain.score(packed), rtol=1e-6)
    params = MixedLMParams.from_packed(packed, plain.k_fe, 2, use_sqrt=True, has_fe=False)
    params.fe_params = np.array([480.0, 20.0, 50.0])
    assert_allclose(quick.loglike(params, False), MixedLM.loglike(plain, params, False))
