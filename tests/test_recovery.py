"""What `recover` found: text, HTML and the plot say the table's numbers."""

import re

import pandas as pd
import pytest

import hlmteach as hlm

WORLD = hlm.Params(beta={"Intercept": 480, "a<b": 30, "stratio": -2}, sigma_u=40, sigma_e=80)


@pytest.fixture(scope="module")
def found() -> hlm.recover:
    return hlm.recover(WORLD, 200, n_groups=20, group_size=10, level2=["stratio"], seed=1)


def test_the_text_has_every_row(found) -> None:
    lines = str(found).splitlines()
    assert lines[0] == "200 simulated studies of 20 groups of 10 (N = 200)"
    assert [line.strip() for line in lines if line[:1].isalpha()][:4] == [
        "Intercept", "a<b", "stratio", "SDs",
    ]  # fmt: skip
    ordinary = [line.split() for line in lines if line.startswith("  ordinary")]
    assert len(ordinary) == 3
    row = found.table.loc["stratio", "ordinary"]
    assert ordinary[2][1] == "-2.00"
    assert ordinary[2][-3:-1] == [f"{row['se_over_sd']:.2f}", f"{row['coverage']:.3f}"]
    assert ordinary[2][-1] == f"({row['coverage_error']:.3f})"
    assert repr(found) == str(found)
    str(found).encode("cp1252")  # as Windows writes it into a file


def test_the_html_is_the_same_table(found) -> None:
    html = found._repr_html_()
    cells = [re.findall(r"<t[hd][^>]*>([^<]*)<", row) for row in html.split("<tr")]
    rows = {(cells[k][0], k): cells[k][1:] for k in range(1, len(cells)) if len(cells[k]) > 3}
    text = [line.split() for line in str(found).splitlines() if line.startswith("  ")]
    shown = [[name, *(v.replace("−", "-") for v in values)] for (name, _), values in rows.items()]
    assert shown[1:] == [row for row in text if row[0] != "Truth"]
    assert "a&lt;b" in html
    assert "a<b" not in html
    assert html.count('scope="rowgroup"') == 4


def test_the_plot_takes_the_coefficient_that_is_furthest_off(found) -> None:
    ax = found.plot()
    assert len(ax) == 3
    assert ax[-1].get_xlabel() == "Estimated coefficient of stratio"
    titles = [one.get_title(loc="left") for one in ax]
    assert titles == [
        "multilevel model", "ordinary regression", "ordinary regression, cluster-robust errors",
    ]  # fmt: skip
    assert "by ordinary regression" in hlm.plots.alt(ax)
    assert found.plot("a<b")[-1].get_xlabel() == "Estimated coefficient of a<b"


def test_the_plot_draws_on_axes_of_yours(found) -> None:
    from matplotlib.figure import Figure

    axes = Figure().subplots(3)
    assert list(found.plot("stratio", ax=axes)) == list(axes)


def test_the_plots_error(found) -> None:
    with pytest.raises(ValueError, match="coefficient names 'ratio', which I do not know; I know"):
        found.plot("ratio")


def test_the_notes_say_how_to_read_it(found) -> None:
    assert found.notes[0].startswith("SE / SD is 1 where the reported standard error is honest")
    assert found.notes[2] == f"Singular multilevel fits: {100 * found.singular:.1f} %."
    assert isinstance(found.estimates, pd.DataFrame)
