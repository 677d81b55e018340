"""Columns of any kind as numbers or coded levels."""

import datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from hlmteach.columns import (
    Coded,
    DataError,
    Dropped,
    check_table,
    complete_rows,
    find_column,
    group_codes,
    read,
    refuse_numbers_as_text,
)

NUMBERS = [1.0, 2.5, np.nan, -3.0]


@pytest.mark.parametrize(
    "column",
    [
        pd.Series(NUMBERS),
        pd.Series(NUMBERS, dtype="float32"),
        pd.Series(NUMBERS, dtype="float16"),
        pd.Series(NUMBERS, dtype="Float64"),
        pd.Series([1, 2.5, None, -3], dtype=object),
        pd.Series([Decimal("1"), Decimal("2.5"), None, Decimal("-3")], dtype=object),
        pd.Series([np.int64(1), 2.5, pd.NA, -3], dtype=object),
        pd.Series(pd.arrays.SparseArray(NUMBERS)),
    ],
    ids=lambda column: str(column.dtype),
)
def test_numbers_of_every_kind(column):
    found = read(column)
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found, NUMBERS)


@pytest.mark.parametrize("kind", ["int8", "uint16", "int64", "Int64", "UInt8"])
def test_whole_numbers(kind):
    np.testing.assert_array_equal(read(pd.Series([1, 0, 5], dtype=kind)), [1.0, 0.0, 5.0])


def test_float64_is_not_copied():
    column = pd.Series(NUMBERS)
    assert np.shares_memory(read(column), column.to_numpy())


@pytest.mark.parametrize(
    "column, codes, categories",
    [
        (["b", "a", None, "b"], [1, 0, -1, 1], ["a", "b"]),
        ([True, False, True], [1, 0, 1], [False, True]),
        (pd.array([True, None, False], dtype="boolean"), [1, -1, 0], [False, True]),
        (pd.Categorical(["b", "a", "b"], ["c", "b", "a"]), [1, 2, 1], ["c", "b", "a"]),
        (pd.array(["x", None], dtype="string"), [0, -1], ["x"]),
        (np.array([10, "9", None], dtype=object), [0, 1, -1], [10, "9"]),
    ],
)
def test_everything_else_is_coded(column, codes, categories):
    found = read(pd.Series(column))
    assert isinstance(found, Coded)
    assert list(found.codes) == codes and found.categories == categories


@pytest.mark.parametrize(
    "column, message",
    [
        (pd.date_range("2020", periods=3), "'when' holds complex numbers, dates or times"),
        (pd.date_range("2020", periods=3, tz="UTC"), r"\.dt\.days"),
        (pd.to_timedelta([1, 2], unit="D"), "Make a number of it first"),
        ([1 + 2j], "complex numbers"),
        (np.array([None, 1j], dtype=object), "complex numbers"),
        ([datetime.date(2020, 1, 1)], "dates or times"),
        (pd.period_range("2020", periods=3, freq="M"), "dates or times"),
        ([[1, 2], [3]], "'when' holds lists or tables; a cell must be one value"),
    ],
)
def test_what_is_neither(column, message):
    with pytest.raises(DataError, match=message):
        read(pd.Series(column, name="when"))


def test_numbers_stored_as_text_are_not_categories():
    levels = [f"{k / 7:.3f}" for k in range(40)]
    with pytest.raises(DataError, match=r"numbers stored as text: 40 different .*pd.to_numeric"):
        refuse_numbers_as_text("escs", levels, 100)
    with pytest.raises(DataError, match="beside 'missing': 41 different values"):
        refuse_numbers_as_text("escs", [*levels, "missing"], 100)
    with pytest.raises(DataError, match=r"or write C\(escs\)"):
        refuse_numbers_as_text("escs", [str(k) for k in range(90)], 100)
    mixed = [*(k / 7 for k in range(40)), "n/a"]
    with pytest.raises(DataError, match="'escs' holds numbers, beside 'n/a': 41 different"):
        refuse_numbers_as_text("escs", mixed, 100)
    # School ids, words and short scales are categories.
    refuse_numbers_as_text("school", [f"{k:04d}" for k in range(40)], 1000)
    refuse_numbers_as_text("word", [f"w{k}" for k in range(40)], 50)
    refuse_numbers_as_text("scale", ["0.5", "1.0", "1.5"], 5)


TABLE = pd.DataFrame({"math": [1], "escs": [2], "my-x": [3], 7: [4]})


@pytest.mark.parametrize(
    "name, data, message",
    [
        ("read", TABLE, "'read' is not in the table. The table has these columns: math, escs"),
        ("esc", TABLE, "Did you mean 'escs'?"),
        ("Math", TABLE, "Did you mean 'math'?"),
        ("my", TABLE, "If you mean the column 'my-x', write it in back ticks: `my-x`"),
        ("7", TABLE, "One is called by the number 7"),
        ("pd", TABLE, "Inside a formula only np is known"),
        ("g", TABLE.set_index(pd.Index([1], name="g")), r"in its index: use data.reset_index\(\)"),
        ("math", pd.concat({"a": TABLE}, axis=1), "column names have several levels"),
        ("x", pd.DataFrame(np.ones((1, 50))), "28, 29 and 20 more"),
        ("math", pd.concat([TABLE, TABLE], axis=1), "more than one column called 'math'. Rename"),
        ("math", pd.DataFrame(index=[0]), "'math' is not in the table"),
    ],
)
def test_columns_that_are_not_there(name, data, message):
    with pytest.raises(DataError, match=message):
        find_column(name, data)


@pytest.mark.parametrize(
    "data, message",
    [
        (TABLE.iloc[:0], "The table has no rows. Has a filter or a join removed them all?"),
        ({"math": [1]}, r"got dict\. Make one with pd\.DataFrame"),
        ("pisa.csv", r"got str\. Read the file first: pd\.read_csv"),
        (None, "got NoneType"),
        (TABLE.to_numpy(), "got ndarray"),
        (TABLE.math, r"got Series\. A column alone"),
    ],
)
def test_what_is_not_a_table(data, message):
    with pytest.raises(DataError, match=message):
        check_table(data)


@pytest.mark.parametrize(
    "column",
    [
        pd.Series(["b", "a", "b", "c"]),
        pd.Series(["b", "a", "b", "c"], dtype=object),
        pd.Series(["b", "a", "b", "c"], dtype="string"),
        pd.Series([20, 10, 20, 30]),
        pd.Series([20, 10, 20, 30], dtype="Int64"),
        pd.Series([2.5, 1.5, 2.5, 3.5]),
        pd.Series([("b", 1), ("a", 1), ("b", 1), ("c", 1)]),
        pd.to_datetime(pd.Series(["2021", "2020", "2021", "2022"])),
        pd.Series(pd.Categorical(list("babc"), categories=list("zbac"))),
    ],
    ids=lambda column: str(column.dtype),
)
def test_groups_of_every_kind(column):
    codes, labels = group_codes([column])
    assert list(codes) == [0, 1, 0, 2] and len(labels) == 3
    assert [labels[k] for k in codes] == [pd.Index(column)[k] for k in range(4)]


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA, pd.NaT])
def test_a_missing_group(missing):
    codes, labels = group_codes([pd.Series(["a", missing, "b"], dtype=object)])
    assert list(codes) == [0, -1, 1] and list(labels) == ["a", "b"]


def test_a_table_of_another_library():
    other = type("DataFrame", (), {"to_pandas": None})()
    with pytest.raises(DataError, match=r"got DataFrame\. Convert it with its \.to_pandas\(\)"):
        check_table(other)


def test_joined_groups():
    left = pd.Series(["A", "A", "B", None, "B"])
    right = pd.Series(pd.Categorical([1, 2, 1, 1, 2], categories=[9, 2, 1]))
    codes, labels = group_codes([left, right])
    assert [None if k < 0 else labels[k] for k in codes] == ["A:1", "A:2", "B:1", None, "B:2"]
    with pytest.raises(DataError, match="holds lists"):
        group_codes([pd.Series([[1], [2]], name="g")])


def test_complete_rows():
    columns = {
        "x": np.array([1.0, np.nan, 3.0, 4.0]),
        "f": Coded(np.array([0, -1, 1, -1]), ["a", "b"]),
    }
    codes, groups = np.array([0, 0, 1, 2]), np.array(["A", "B", "C"])
    keep, dropped = complete_rows(columns, codes, groups, ("g",))
    assert list(keep) == [0, 2]
    assert dropped == Dropped(2, 4, 1, 3, {"x": 1, "f": 2})
    assert str(dropped) == (
        "2 of 4 rows have a missing value and were left out, and with them 1 of 3 groups. "
        "Missing by column: x (1), f (2)."
    )
    assert complete_rows({"x": np.ones(4)}, codes, groups, ("g",)) == (None, None)
    with pytest.raises(DataError, match="No row is complete: 'x' is missing in 4 of 4 rows"):
        complete_rows({"x": np.full(4, np.nan)}, codes, groups, ("g",))
    _, dropped = complete_rows({}, np.array([-1, 0, 1, 2]), groups, ("a", "b"))
    assert dropped.by_column == {"a:b": 1}
