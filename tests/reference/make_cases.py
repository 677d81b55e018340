"""Write the small simulated tables on which hlmteach is compared with lme4.

Run ``python tests/reference/make_cases.py``. It writes ``data/*.csv`` and ``cases.json``, the one
list of (table, formula) pairs that ``lme4.R``, ``exact.py`` and the tests walk. The tables are
committed because NumPy does not promise the same random numbers for ever.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).parent


def group_codes(sizes: list[int] | np.ndarray, letter: str = "g") -> np.ndarray:
    """Text ids ``g01, g02, ...``, each repeated as often as its group has rows."""
    return np.repeat([f"{letter}{j + 1:02d}" for j in range(len(sizes))], sizes)


def two_level(
    sizes: list[int] | np.ndarray,
    *,
    seed: int,
    beta: tuple[float, float, float] = (10.0, 2.0, -1.5),
    root: list[list[float]] | None = None,
    sigma_e: float = 2.0,
) -> pd.DataFrame:
    """Rows with x (level 1), w (level 1), z (level 2) and y; ``root @ root.T`` is Cov(u0, u1, ...).

    ``root`` has one row for the intercept and one for each slope (of x, then of w).
    """
    rng = np.random.default_rng(seed)
    root_u = np.array([[1.5]] if root is None else root)
    n_groups, index = len(sizes), np.repeat(np.arange(len(sizes)), sizes)
    z = rng.normal(size=n_groups).round(3)[index]
    x = (rng.normal(size=n_groups)[index] * 0.5 + rng.normal(size=index.size)).round(3)
    w = rng.normal(size=index.size).round(3)
    u = rng.normal(size=(n_groups, root_u.shape[1])) @ root_u.T
    design = np.column_stack([np.ones(index.size), x, w])[:, : root_u.shape[0]]
    y = beta[0] + beta[1] * x + beta[2] * z + (design * u[index]).sum(axis=1)
    y = y + sigma_e * rng.normal(size=index.size)
    return pd.DataFrame({"g": group_codes(sizes), "x": x, "w": w, "z": z, "y": y.round(4)})


def random_sizes(n_groups: int, low: int, high: int, *, seed: int) -> np.ndarray:
    """Group sizes drawn evenly from ``low`` to ``high``."""
    return np.random.default_rng(seed).integers(low, high + 1, n_groups)


def base_table() -> pd.DataFrame:
    """30 unbalanced groups, with the columns that the fixed-effect cases need."""
    data = two_level(random_sizes(30, 3, 25, seed=11), seed=12)
    rng = np.random.default_rng(13)
    data["f"] = rng.choice(["high", "low", "mid"], len(data), p=[0.2, 0.3, 0.5])
    data["h"] = rng.choice(["no", "yes"], len(data))
    data.loc[(data["f"] == "mid") & (data["h"] == "yes"), "h"] = "no"
    data["y"] = (data["y"] + 1.2 * (data["f"] == "high") - 0.7 * (data["f"] == "low")).round(4)
    data["near5"] = (data["x"] + 1e-5 * rng.normal(size=len(data))).round(10)
    data["near8"] = (data["x"] + 1e-8 * rng.normal(size=len(data))).round(13)
    data["sum_xz"] = (data["x"] + data["z"]).round(3)
    data["y_1e9"] = (data["y"] + 1e9).round(4)
    data["x_1e6"] = (data["x"] + 1e6).round(3)
    data["x_big"] = (data["x"] * 1e8).round(0).astype("int64")
    data["x_small"] = [float(f"{value}e-8") for value in data["x"]]
    return data


def missing_table(data: pd.DataFrame) -> pd.DataFrame:
    """``data`` with holes in x, z, y and g; two groups vanish entirely."""
    rng = np.random.default_rng(14)
    holes = data[["g", "x", "z", "y"]].copy()
    for column, share in {"x": 0.08, "y": 0.05, "g": 0.02}.items():
        holes.loc[rng.random(len(holes)) < share, column] = None
    holes.loc[data["g"].isin(["g04", "g17"]), "z"] = np.nan
    return holes


def two_optima_table(
    sizes: list[int], means: list[float], within: float, *, seed: int
) -> pd.DataFrame:
    """Groups with given means and a given sum of squares within groups: y depends on no luck.

    The sizes and means were found by trying 200,000 small unbalanced designs; the REML criterion
    of the empty model has two optima for about one in 220 of them.
    """
    g = group_codes(sizes)
    noise = pd.Series(np.random.default_rng(seed).normal(size=len(g)))
    noise = noise - noise.groupby(g).transform("mean")
    noise = noise * np.sqrt(within / (noise**2).sum())
    return pd.DataFrame({"g": g, "y": (np.repeat(means, sizes) + noise).round(4)})


def slopes_tables() -> dict[str, pd.DataFrame]:
    """Tables for random slopes; the boundary ones were found by trying seeds."""
    sizes = random_sizes(36, 5, 22, seed=21)
    base = two_level(sizes, seed=22, root=[[1.5, 0.0], [0.4, 0.8]])
    base["x_1000"] = (base["x"] + 1000).round(3)
    one = two_level(sizes, seed=50, root=[[1.5], [0.3]])
    one["x_neg"] = -one["x"]
    return {
        "slopes": base,
        "slopes_zero": two_level(sizes, seed=24, root=[[1.5]]),
        "slopes_one": one,
        "slopes_two": two_level(
            random_sizes(40, 6, 20, seed=27),
            seed=28,
            root=[[1.5, 0.0, 0.0], [0.3, 0.9, 0.0], [-0.4, 0.2, 0.7]],
        ),
        "slopes_few": two_level([9, 14, 6, 11, 8, 4], seed=29, root=[[1.5, 0.0], [0.4, 1.0]]),
        "slopes_tiny": two_level(
            [1] * 20 + [2] * 20 + [3] * 15 + [5] * 5, seed=30, root=[[1.5, 0.0], [0.4, 1.0]]
        ),
    }


def tables() -> dict[str, pd.DataFrame]:
    """Every table by the stem of its file."""
    base = base_table()
    singletons = [1] * 90 + [2] * 20 + [3] * 10 + [5] * 5
    return {
        "base": base,
        "missing": missing_table(base),
        "singular": two_level(random_sizes(25, 3, 15, seed=15), seed=16, root=[[0.0]]),
        "singletons": two_level(singletons, seed=17),
        "two_groups": two_level([18, 25], seed=18),
        "one_huge_group": two_level([220, 4, 2, 6, 3, 5, 2, 3, 4, 1, 6, 2], seed=19),
        "two_optima_zero": two_optima_table(
            [18, 1, 2, 3, 29, 36, 1],
            [-0.235, -2.787, -0.939, -0.184, -0.181, -0.215, 3.087],
            69.3225,
            seed=31,
        ),
        "two_optima_inside": two_optima_table(
            [1, 2, 29, 31, 1, 1], [2.225, -1.359, -0.189, -0.153, -1.137, 0.852], 42.626, seed=32
        ),
        **slopes_tables(),
    }


# name: (table, formula, note[, formula in R where it differs])
CASES: dict[str, tuple[str, ...]] = {
    "base": ("base", "y ~ x + z + (1 | g)", "30 unbalanced groups, x level 1, z level 2"),
    "null": ("base", "y ~ 1 + (1 | g)", "the empty model"),
    "no_intercept": ("base", "y ~ 0 + x + z + (1 | g)", "no fixed intercept"),
    "factor3": ("base", "y ~ x + f + (1 | g)", "a factor with three levels"),
    "interaction": ("base", "y ~ x * z + (1 | g)", "cross-level interaction"),
    "interaction_factor": ("base", "y ~ x * f + (1 | g)", "interaction with a factor"),
    "square": (
        "base",
        "y ~ x + I(x**2) + (1 | g)",
        "transformed predictor",
        "y ~ x + I(x^2) + (1 | g)",
    ),
    "missing": ("missing", "y ~ x + z + (1 | g)", "rows with holes are dropped"),
    "singular": ("singular", "y ~ x + z + (1 | g)", "sigma_u = 0, estimate on the boundary"),
    "singletons": ("singletons", "y ~ x + z + (1 | g)", "90 of 125 groups have one row"),
    "two_groups": ("two_groups", "y ~ x + (1 | g)", "two groups"),
    "one_huge_group": ("one_huge_group", "y ~ x + z + (1 | g)", "one group of 220 among small"),
    "two_optima_zero": ("two_optima_zero", "y ~ 1 + (1 | g)", "two optima by REML, best at 0"),
    "two_optima_inside": ("two_optima_inside", "y ~ 1 + (1 | g)", "two optima, best above 0"),
    "y_offset_1e9": ("base", "y_1e9 ~ x + z + (1 | g)", "y + 1e9"),
    "x_offset_1e6": ("base", "y ~ x_1e6 + z + (1 | g)", "x + 1e6"),
    "x_scaled_1e8": ("base", "y ~ x_big + z + (1 | g)", "x * 1e8"),
    "x_scaled_1e-8": ("base", "y ~ x_small + z + (1 | g)", "x * 1e-8"),
    "near_collinear": ("base", "y ~ x + near5 + z + (1 | g)", "near5 = x + 1e-5 noise: kept"),
    "near_collinear_1e-8": (
        "base",
        "y ~ x + near8 + z + (1 | g)",
        "near8 = x + 1e-8 noise: below lme4's rank tolerance 1e-7",
    ),
    "collinear": ("base", "y ~ x + z + sum_xz + (1 | g)", "sum_xz = x + z: one is dropped"),
    "collinear_first": ("base", "y ~ sum_xz + x + z + (1 | g)", "the same, sum_xz first"),
    "empty_cell": ("base", "y ~ f * h + (1 | g)", "no row has f = mid and h = yes"),
    "slopes_base": ("slopes", "y ~ x + z + (1 + x | g)", "intercept and slope, correlated"),
    "slopes_uncorrelated": ("slopes", "y ~ x + z + (1 + x || g)", "intercept and slope, no corr."),
    "slopes_only": ("slopes", "y ~ x + z + (0 + x | g)", "slope without random intercept"),
    "slopes_interaction": ("slopes", "y ~ x * z + (1 + x | g)", "cross-level interaction"),
    "slopes_offset": ("slopes", "y ~ x_1000 + z + (1 + x_1000 | g)", "slope variable + 1000"),
    "slopes_zero_var": ("slopes_zero", "y ~ x + z + (1 + x || g)", "slope variance is zero"),
    "slopes_zero_var_corr": ("slopes_zero", "y ~ x + z + (1 + x | g)", "the same, with a corr."),
    "slopes_corr_one": ("slopes_one", "y ~ x + z + (1 + x | g)", "correlation 1"),
    "slopes_corr_minus_one": ("slopes_one", "y ~ x_neg + z + (1 + x_neg | g)", "correlation -1"),
    "slopes_two": ("slopes_two", "y ~ x + w + z + (1 + x + w | g)", "two slopes"),
    "slopes_two_uncorrelated": ("slopes_two", "y ~ x + w + z + (1 + x + w || g)", "two slopes"),
    "slopes_few_groups": ("slopes_few", "y ~ x + (1 + x | g)", "six groups"),
    "slopes_tiny_groups": ("slopes_tiny", "y ~ x + z + (1 + x | g)", "60 groups of 1 to 5 rows"),
}


def manifest() -> list[dict[str, str]]:
    """The records of ``cases.json``."""
    fields = ("data", "formula", "note", "r_formula")
    return [
        {"name": name, **dict(zip(fields, (*case, case[1])[:4], strict=True))}
        for name, case in CASES.items()
    ]


def main() -> None:
    """Write every table and the list of cases."""
    (HERE / "data").mkdir(exist_ok=True)
    for stem, table in tables().items():
        table.to_csv(HERE / "data" / f"{stem}.csv", index=False, lineterminator="\n")
    lines = ",\n".join("  " + json.dumps(record) for record in manifest())
    (HERE / "cases.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
