"""Prediction intervals against Henderson's equations written out, and by their coverage."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import hlmteach as hlm
from hlmteach.new_rows import fixed_columns, random_columns
from hlmteach.prediction import prediction_interval

DATA = Path(__file__).parent / "reference" / "data"
FORMULAS = {"base": "y ~ x + z + (1 | g)", "slopes": "y ~ x + z + (1 + x | g)"}


@pytest.fixture(scope="module", params=FORMULAS)
def fit(request: pytest.FixtureRequest) -> hlm.Fit:
    return hlm.lmer(FORMULAS[request.param], pd.read_csv(DATA / f"{request.param}.csv"))


def half_width(table: pd.DataFrame) -> np.ndarray:
    return (table.upper - table.lower).to_numpy() / 2 / stats.norm.ppf(0.975)


def henderson(fit: hlm.Fit) -> np.ndarray:
    """Standard error of each row's mean from the inverse of the mixed model equations."""
    X, Z = fit.design.exog, fit.design.exog_random
    N, J, q = len(X), fit.n_groups, Z.shape[1]
    wide = np.zeros((N, J * q))
    for i, j in enumerate(fit.design.codes):
        wide[i, j * q : (j + 1) * q] = Z[i]
    W = np.hstack([X, wide])
    left = W.T @ W / fit.sigma_e**2
    left[X.shape[1] :, X.shape[1] :] += np.kron(np.eye(J), np.linalg.inv(fit.cov_u))
    return np.sqrt(np.einsum("ni,ij,nj->n", W, np.linalg.inv(left), W))


def test_known_groups_agree_with_henderson(fit: hlm.Fit) -> None:
    table = prediction_interval(fit)
    np.testing.assert_allclose(half_width(table), henderson(fit), rtol=1e-7)
    np.testing.assert_allclose(table.predicted, fit.fitted)


def test_a_table_of_the_same_rows_gives_the_same(fit: hlm.Fit) -> None:
    data = fit.design.frame.sample(frac=1, random_state=1)
    again = prediction_interval(fit, data).reindex(fit.design.index)
    pd.testing.assert_frame_equal(again, prediction_interval(fit), rtol=1e-9)


def test_a_member_adds_the_variance_within(fit: hlm.Fit) -> None:
    mean, member = (half_width(prediction_interval(fit, target=t)) for t in ("mean", "member"))
    np.testing.assert_allclose(member**2 - mean**2, fit.sigma_e**2)


def test_new_groups(fit: hlm.Fit) -> None:
    new = fit.design.frame.head(20).assign(g="new")
    X, Z = fixed_columns(fit.design, new), random_columns(fit.design, new)
    zero = prediction_interval(fit, new, new_groups="zero")
    fixed = np.einsum("np,pr,nr->n", X, fit.cov_beta.to_numpy(), X)
    np.testing.assert_allclose(half_width(zero) ** 2, fixed)
    sample = prediction_interval(fit, new, new_groups="sample")
    own = np.einsum("nq,qr,nr->n", Z, fit.cov_u.to_numpy(), Z)
    np.testing.assert_allclose(half_width(sample) ** 2, fixed + own)
    average = prediction_interval(fit, new.drop(columns="g"), group_effects=False)
    pd.testing.assert_frame_equal(average, zero)
    np.testing.assert_allclose(zero.predicted, X @ fit.beta)


def test_offsets_cost_nothing() -> None:
    data = pd.read_csv(DATA / "slopes.csv")
    plain = prediction_interval(hlm.lmer("y ~ x + z + (1 + x | g)", data))
    shifted = data.assign(x=data.x + 1e5, y=data.y + 1e7)
    far = prediction_interval(hlm.lmer("y ~ x + z + (1 + x | g)", shifted))
    np.testing.assert_allclose(half_width(far), half_width(plain), rtol=1e-5)


def test_coverage_of_new_members_and_known_groups() -> None:
    """The truth falls inside 80 per cent intervals about 80 times in a hundred."""
    params = hlm.Params(beta={"Intercept": 10, "x": 2}, sigma_u=2, sigma_e=4)
    inside = {"known": [], "new": [], "member": []}
    for seed in range(40):
        data = hlm.simulate(params, n_groups=45, group_size=8, truth=True, seed=seed)
        seen = data[data.group.isin(data.group.unique()[:40])]
        unseen = data.drop(seen.index)
        fit = hlm.lmer("y ~ x + (1 | group)", seen)
        mean = data.y - data.e
        known = prediction_interval(fit, level=0.8)
        new = prediction_interval(fit, unseen, 0.8, new_groups="sample")
        member = prediction_interval(fit, unseen, 0.8, target="member", new_groups="sample")
        inside["known"].append(mean[seen.index].between(known.lower, known.upper).mean())
        inside["new"].append(mean[unseen.index].between(new.lower, new.upper).mean())
        inside["member"].append(unseen.y.between(member.lower, member.upper).mean())
    assert np.mean(inside["known"]) == pytest.approx(0.8, abs=0.03)
    assert np.mean(inside["new"]) == pytest.approx(0.8, abs=0.08)  # 200 groups in all
    assert np.mean(inside["member"]) == pytest.approx(0.8, abs=0.03)


def test_without_fixed_effects() -> None:
    fit = hlm.lmer("y ~ 0 + (1 | g)", pd.read_csv(DATA / "base.csv"))
    table = prediction_interval(fit)
    np.testing.assert_allclose(half_width(table), fit.u.se.to_numpy()[fit.design.codes])


def test_statsmodels_results() -> None:
    import statsmodels.formula.api as smf

    data = pd.read_csv(DATA / "base.csv")
    model = smf.mixedlm("y ~ x + z", data, groups="g").fit()
    ours = prediction_interval(hlm.lmer("y ~ x + z + (1 | g)", data), data.head(9))
    np.testing.assert_allclose(prediction_interval(model, data.head(9)), ours, rtol=1e-4)


def test_errors(fit: hlm.Fit) -> None:
    rows = fit.design.frame.head(2)
    with pytest.raises(ValueError, match=r"1 groups? .*'elsewhere' among them"):
        prediction_interval(fit, rows.assign(g="elsewhere"))
    with pytest.raises(ValueError, match="'student'; it can be 'mean', 'member'"):
        prediction_interval(fit, target="student")
    with pytest.raises(ValueError, match="'none'; it can be 'error', 'zero', 'sample'"):
        prediction_interval(fit, new_groups="none")
    with pytest.raises(ValueError, match="level is 95"):
        prediction_interval(fit, level=95)
    with pytest.raises(ValueError, match=r"level is '0\.9'; it must be a number"):
        prediction_interval(fit, level="0.9")
    with pytest.raises(ValueError, match="grouping column 'g' is not in the table"):
        prediction_interval(fit, rows.drop(columns="g"))
    with pytest.raises(ValueError, match="must be a pandas DataFrame; got dict"):
        prediction_interval(fit, {"x": [1.0]})
