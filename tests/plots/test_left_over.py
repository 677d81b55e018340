"""Residuals against a predictor, and their spread by group."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

import hlmteach as hlm
from hlmteach.design import DataError


def slices(ax) -> np.ndarray:
    return np.asarray(ax.containers[0].lines[0].get_xydata())


def test_rows_are_drawn_against_a_level_1_predictor(full, world):
    ax = hlm.plots.residuals_against(full, "escs", bins=4)
    drawn = np.asarray(ax.collections[0].get_offsets())
    np.testing.assert_allclose(drawn, np.column_stack([world["escs"], full.resid]))
    parts = full.resid.groupby(pd.qcut(world["escs"], 4, labels=False).to_numpy())
    np.testing.assert_allclose(slices(ax)[:, 1], parts.mean(), atol=3)
    assert f"{len(world)} level-1 residuals" in hlm.plots.alt(ax).replace(",", "")


def test_groups_are_drawn_against_a_level_2_predictor_and_a_group_mean(full, world):
    by_group = world.groupby("school_id", observed=True)
    for x, expected in (("stratio", "first"), ("escs", "mean")):
        ax = hlm.plots.residuals_against(full, x, level=2)
        drawn = np.asarray(ax.collections[0].get_offsets())
        np.testing.assert_allclose(drawn[:, 0], by_group[x].agg(expected).loc[full.groups])
        np.testing.assert_allclose(drawn[:, 1], full.u["u"])
        assert ax.get_xlabel().startswith("School mean") == (x == "escs")


def test_a_bend_is_said(world):
    bent = world.assign(math=world["math"] + 60 * world["escs"] ** 2)
    ax = hlm.plots.residuals_against(hlm.lmer("math ~ escs + (1 | school_id)", bent), "escs")
    means = slices(ax)[:, 1]
    assert means[0] > 20 and means[-1] > 20 and means[len(means) // 2] < -10
    off = int(hlm.plots.alt(ax).split(" of them lie more than 2 SE")[0].split()[-1])
    assert off >= 5


def test_a_predictor_outside_the_model(empty, world):
    assert (
        hlm.plots.residuals_against(empty, "escs").get_xlabel() == "Economic, social and "
        "cultural status (ESCS, in SDs)"
    )
    model = smf.mixedlm("math ~ escs", world, groups="school_id").fit()
    assert len(hlm.plots.residuals_against(model, "stratio").collections[0].get_offsets()) == 40


def test_residuals_against_refuses(full, world):
    with pytest.raises(DataError, match="'stratio' has one value per group"):
        hlm.plots.residuals_against(full, "stratio", level=1)
    with pytest.raises(DataError, match="'desk' is not in the table"):
        hlm.plots.residuals_against(full, "desk")
    with pytest.raises(ValueError, match="level is 3"):
        hlm.plots.residuals_against(full, "escs", level=3)
    with pytest.raises(DataError, match="'one' is 1 in every row"):
        hlm.plots.residuals_against(full, "one", data=world.assign(one=1))
    gap = world.assign(age=world["escs"].where(world["escs"] > 0))
    missing = int(gap["age"].isna().sum())
    with pytest.raises(DataError, match=f"'age' is missing in {missing} of the model's rows"):
        hlm.plots.residuals_against(full, "age", data=gap)
    with pytest.raises(DataError, match="I cannot tell which rows"):
        hlm.plots.residuals_against(full, "escs", data=world.iloc[:7])


def test_residual_spread_draws_each_group(full, world):
    ax = hlm.plots.residual_spread(full, least=6)
    by_group = full.resid.groupby(world["school_id"])
    sds, sizes = by_group.std(), by_group.size()
    (drawn,) = (line for line in ax.lines if line.get_label() == "a school")
    np.testing.assert_allclose(drawn.get_ydata(), sds[sizes >= 6])
    np.testing.assert_allclose(drawn.get_xdata(), sizes[sizes >= 6])
    assert f"{(sizes >= 6).sum()} schools" in hlm.plots.alt(ax)
    with pytest.raises(ValueError, match="0 groups have 99 rows or more"):
        hlm.plots.residual_spread(full, least=99)


def test_residual_spread_counts_those_outside_the_band():
    world = hlm.Params(beta={"Intercept": 0}, sigma_u=40, sigma_e=80)
    data = hlm.simulate(world, n_groups=400, group_size=20, seed=6)
    calm = hlm.plots.alt(hlm.plots.residual_spread(hlm.lmer("y ~ 1 + (1 | group)", data)))
    inside = data["y"] - data.groupby("group")["y"].transform("mean")
    wild = data.assign(y=data["y"] + inside * (data["group"].astype(int) % 2))
    loud = hlm.plots.alt(hlm.plots.residual_spread(hlm.lmer("y ~ 1 + (1 | group)", wild)))
    out = [int(text.split(" of 400 lie outside")[0].split()[-1]) for text in (calm, loud)]
    assert out[0] < 40 < 200 < out[1]
