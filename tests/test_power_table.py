"""What `power` found: text, HTML and curves say the table's numbers."""

import pandas as pd
import pytest

import hlmteach as hlm
from hlmteach.power_table import Power


@pytest.fixture
def found() -> Power:
    table = pd.DataFrame(
        {
            "n_groups": [40, 20, 20, 40],
            "group_size": [10, 10, (5, 30), (5, 30)],
            "n": [400, 200, 350, 700],
            "power": [0.61234, 0.31234, 0.5, 0.8],
            "lower": [0.6, 0.3, 0.48, 0.78],
            "upper": [0.64, 0.34, 0.52, 0.82],
            "se": [7.1234, 10.0, 8.0, 6.0],
            "n_sims": 1000,
        }
    )
    return Power(table, "a<b", -15.0, 0.05)


def test_text_and_html_are_the_table_rounded(found) -> None:
    assert str(found).splitlines()[0] == "Power to find a<b = -15.0, alpha = 0.05"
    assert str(found).splitlines()[2].split() == [
        "40", "10", "400", "0.612", "0.60", "0.64", "7.12", "1000",
    ]  # fmt: skip
    assert "5 to 30" in repr(found)
    html = found._repr_html_()
    assert "Power to find a&lt;b = −15.0" in html
    assert "<td>0.612</td>" in html


def test_a_curve_for_each_group_size_in_order_of_groups(found) -> None:
    ax = found.plot()
    ten, varied, target = ax.lines
    assert ten.get_xdata().tolist() == [20, 40]
    assert ten.get_ydata().tolist() == [0.31234, 0.61234]
    assert varied.get_ydata().tolist() == [0.5, 0.8]
    assert set(target.get_ydata()) == {0.8}
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels == ["10 a group", "5 to 30 a group"]
    band = ax.collections[0].get_paths()[0].vertices
    assert (band[:, 1].min(), band[:, 1].max()) == (0.3, 0.64)


def test_the_alt_text_says_what_is_enough(found) -> None:
    assert hlm.plots.alt(found.plot()) == (
        "Power to find a<b = −15.0 against the number of groups, a curve for each group size: "
        "from 0.31 to 0.80; the smallest design that reaches 0.8 has 40 groups of 5 to 30."
    )
    assert hlm.plots.alt(found.plot(target=0.9)).endswith("; no design reaches 0.9.")


def test_the_title_says_at_which_level_the_effect_was_simulated(found) -> None:
    placed = Power(found.table, "desk", 5.0, 0.05, "level 1")
    assert str(placed).startswith("Power to find desk = 5.00 (level 1), alpha = 0.05\n")


def test_power_against_cost_names_the_cheapest_design(found) -> None:
    costs = [40_000.0, 20_000.0, 27_500.4, 55_000.0]
    priced = Power(found.table.assign(cost=costs), "desk", 5.0, 0.05)
    assert "55,000" in str(priced) and "27,500" in priced._repr_html_()
    ax = priced.plot(x="cost", target=0.6)
    assert ax.get_xlabel() == "Cost"
    assert ax.lines[0].get_xdata().tolist() == [20_000, 40_000]
    # Forty groups of 10 are the cheapest that reach it; 20 of 5 to 30 do not.
    assert hlm.plots.alt(ax).endswith("the cheapest design that reaches 0.6 has 40 groups of 10.")
    assert priced.plot(x="n").lines[1].get_xdata().tolist() == [350, 700]


def test_a_column_that_is_not_there_is_named(found) -> None:
    words = r"x names 'cost', which I do not know; I know: 'n_groups', 'n'\. For \"cost\", give"
    with pytest.raises(ValueError, match=words):
        found.plot(x="cost")


def test_counts_stay_whole_where_all_sizes_are_numbers(found) -> None:
    plain = Power(found.table.assign(group_size=[10, 10, 20, 20]), "desk", 5.0, 0.05)
    assert hlm.plots.alt(plain.plot()).endswith("has 40 groups of 20.")


def test_it_draws_on_axes_of_yours(found) -> None:
    from matplotlib.figure import Figure

    ax = Figure().add_subplot()
    assert found.plot(ax=ax) is ax
