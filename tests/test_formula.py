"""lme4's formula, taken apart, and what is said to formulas that are not one."""

import pytest

from hlmteach.formula import Formula, FormulaError, column_name, parse


@pytest.mark.parametrize(
    "text, response, fixed, random",
    [
        ("math ~ 1 + (1 | school_id)", "math", "1", ["(1 | school_id)"]),
        ("y~(1|g)", "y", "1", ["(1 | g)"]),
        ("y ~ x + z + (x | g)", "y", "x + z", ["(1 + x | g)"]),
        ("y ~ x + (0 + x | g)", "y", "x", ["(0 + x | g)"]),
        ("y ~ x + (x - 1 | g)", "y", "x", ["(0 + x | g)"]),
        ("y ~ x - 1 + (1 + x || g)", "y", "x - 1", ["(1 + x || g)"]),
        ("y ~ x + (1 | g) + (0 + x | g)", "y", "x", ["(1 | g)", "(0 + x | g)"]),
        ("y ~ (1 | country:school)", "y", "1", ["(1 | country:school)"]),
        ("y ~ ((1 | g)) + x", "y", "x", ["(1 | g)"]),
        ("`my y` ~ `my x` + (1 + `my x` | `my g`)", "my y", "`my x`", ["(1 + `my x` | `my g`)"]),
        (
            "y ~ x * C(f, Treatment('a|b')) + (1 | g)",
            "y",
            "x * C(f, Treatment('a|b'))",
            ["(1 | g)"],
        ),
        ("y ~ I(x + 1) - (x + z) + (1 | g)", "y", "I(x + 1) - (x + z)", ["(1 | g)"]),
        ("log(y) ~ x +\n  (1 | g)\n", "log(y)", "x", ["(1 | g)"]),
        ("größe ~ écart + (1 | 学校)", "größe", "écart", ["(1 | 学校)"]),
        ("y ~ my.x + (1 | my.g)", "y", "my.x", ["(1 | my.g)"]),
    ],
)
def test_parts(text, response, fixed, random):
    parsed = parse(text)
    assert (parsed.response, parsed.fixed, [str(t) for t in parsed.random]) == (
        response,
        fixed,
        random,
    )
    assert parsed.text == text.strip()


def test_names_of_the_random_effects():
    term = parse("y ~ x + (1 + x + z || g)").random[0]
    assert term.names == ["Intercept", "x", "z"] and not term.correlated
    assert parse("y ~ x + (0 + x | a:b)").random[0].names == ["x"]
    assert parse("y ~ x + (0 + x | a:b)").group == ("a", "b")
    assert parse("y ~ x + (1 | `a b`:c)").group == ("a b", "c")


@pytest.mark.parametrize(
    "fixed, plain",
    [
        ("1", (True, [])),
        ("0", (False, [])),
        ("x + z", (True, ["x", "z"])),
        ("x + z - 1", (False, ["x", "z"])),
        ("- 1 + x", (False, ["x"])),
        ("x + 0", (False, ["x"])),
        ("x + x + 1", (True, ["x"])),
        ("`my x` + my.z", (True, ["my x", "my.z"])),
        ("`1` + x", (True, ["1", "x"])),
        ("x * z", None),
        ("x - z", None),
        ("I(x)", None),
        ("2", None),
    ],
)
def test_sums_of_bare_columns(fixed, plain):
    assert Formula("", "y", fixed, ()).plain_terms == plain


@pytest.mark.parametrize(
    "term, name", [("x", "x"), ("`a b`", "a b"), ("a b", None), ("1", None), ("f(x)", None)]
)
def test_bare_columns(term, name):
    assert column_name(term) == name


@pytest.mark.parametrize(
    "text, message",
    [
        (5, "A formula is text such as 'math ~ 1 .*'; got int"),
        (None, "got NoneType"),
        ("", "No model in ''"),
        ("y", "write the outcome, one tilde and the predictors"),
        ("y = x + (1 | g)", "one tilde"),
        ("~ x + (1 | g)", "write the outcome"),
        ("y ~ x ~ z + (1 | g)", "one tilde"),
        ("y ~", "has no random term, so it is an ordinary regression"),
        ("y ~ x", r"Add one, as in '\+ \(1 \| school_id\)', or use smf.ols"),
        ("y ~ x + (1 g)", "has no random term"),
        ("y ~ x + (1 | g", "A bracket or quote is left open in"),
        ("y ~ x + 1 | g)", "A bracket or quote is left open"),
        ("y ~ x + 'a + (1 | g)", "A bracket or quote is left open"),
        ("y ~ x + 1 | g", r"The bar in '1 \| g' belongs inside brackets"),
        ("y ~ x | g", "with a plus before it"),
        ("y ~ x (1 | g)", "with a plus before it"),
        ("y ~ x - (1 | g)", "is subtracted in .* leave it out instead"),
        ("y ~ x + (1 | g) + (1 | h)", r"more than one grouping factor \(g, h\)"),
        ("y ~ x + (1 | g/h)", "'g/h' asks for nested groups, that is three levels"),
        ("y ~ x + (1 | g) + (1 | g:h)", r"more than one grouping factor \(g, g:h\)"),
        ("y ~ x + (1 | )", "Right of the bar stands ''"),
        ("y ~ x + (1 | g | h)", "it takes the name of the grouping column"),
        ("y ~ x + (1 | 'g')", "Right of the bar stands"),
        ("y ~ x + (1 | C(g))", r"Right of the bar stands 'C\(g\)'"),
        ("y ~ x + (1 | 2)", "Right of the bar stands '2'"),
        ("y ~ x + (1 | my g)", r"where the name holds a space, '\(1 \| `school id`\)'"),
        ("y ~ x + (0 | g)", "lets nothing vary between the groups"),
        ("y ~ x + (I(x**2) | g)", r"Left of the bar stands 'I\(x\*\*2\)'.*Make the column first"),
        ("y ~ x + (x * z | g)", "a random slope takes the name of a numeric column"),
        ("y ~ x + (1 | g) + (1 | g)", "lets the same effect vary twice: Intercept, Intercept"),
        ("y ~ x + (x | g) + (z | g)", "Write one random term"),
        ("y ~ . + (1 | g)", "The dot in .* is R's; here, name the predictors one by one"),
    ],
)
def test_what_is_not_a_formula(text, message):
    with pytest.raises(FormulaError, match=message) as caught:
        parse(text)
    assert "\n" not in str(caught.value)
