from pieces import attempt, entry, record

from hlmteach.grading import alikes, checks
from hlmteach.grading.roster import Student
from hlmteach.grading.submissions import Submission, plain_line
from hlmteach.questions import get

CODE = 'import hlmteach as hlm\nfit = hlm.lmer("math ~ escs + (1 | school_id)", data)  # mine'
OWN = "shares = [fit.sigma_u ** 2, fit.sigma_e ** 2]; icc = shares[0] / sum(shares)"
ASKED = [get("ch04.icc"), get("ch04.n-groups")]


def lines(code):
    return tuple(filter(None, map(plain_line, code.splitlines())))


GIVEN = set(lines(CODE)) | {'hlm.check("ch04.icc",icc)'}


def submission(id, code, **more):
    return Submission(Student(id), [attempt(f"{id}/x.ipynb", lines=lines(code), **more)])


def test_the_same_code_is_noticed_whatever_its_spaces_and_comments():
    group = [
        submission("a", f"{CODE}\n{OWN}", digest="1"),
        submission("b", f'{CODE}\nhlm.student("b")\n{OWN.replace(" ", "  ")}  # mine', digest="2"),
        submission(
            "c", f"{CODE}\nsomething = 'of the own making, long enough to tell'", digest="3"
        ),
    ]
    assert alikes.notes(group, [], {}, GIVEN) == ["a, b have the same code."]


def test_what_the_class_was_given_is_no_sign():
    group = [submission(id, CODE, digest=id) for id in "abc"]
    assert alikes.notes(group, [], {}, GIVEN) == []


def test_the_very_same_file_is_noticed():
    group = [submission(id, CODE, digest="same") for id in "ab"]
    assert alikes.notes(group, [], {}, GIVEN) == ["a, b handed in the very same file."]


def test_the_same_text_is_noticed():
    text = "Schools differ by a fifth, which is no proof of anything."
    one = {"status": "recorded", "share": 0, "text": text, "given": "", "diagnosis": []}
    two = {**one, "text": text.upper().replace(",", " ;")}
    group = [
        entry([attempt()], [record(report=answer)], student=Student(id))
        for id, answer in (("a", one), ("b", two))
    ]
    assert alikes.notes([], group, {}, set()) == ["a, b have the same text in ch04.report."]


def test_numbers_that_are_right_for_somebody_else_are_noticed():
    wrong = [{"status": "unknown", "share": 0, "given": given, "diagnosis": []} for given in "xy"]
    wrong[0]["given"], wrong[1]["given"] = "0.2345", "1523.4"
    row = entry([attempt()], [record(icc=wrong[0])], student=Student("a"))
    other = entry([attempt()], [record()], student=Student("b"))
    row.answers[0] = type(row.answers[0])(get("ch04.var-between"), 0, 1, wrong[1])
    truth = {"ch04.icc": 0.23451, "ch04.var-between": 1523.39}
    results = {"b": {"attempts": [{"truth": truth}]}}
    (note,) = alikes.notes([], [row, other], results, set())
    assert note.startswith("a: 2 wrong numbers") and note.endswith("right for the data of b.")


def test_comments_end_where_no_quotes_follow():
    assert plain_line("a = '#1'  # one") == "a='#1'"
    assert plain_line("#" * 40_000 + '"') == "#" * 40_000 + '"'  # at once, not after a minute
    assert plain_line("hlm.student('x')") == ""


def test_what_was_done_to_check_cells_is_noticed():
    code = 'hlm.check("ch04.icc", 0.25)\nhlm.check("ch04.icc", 0.25)\nhlm.check("ch04.none", 1)'
    checked = ("ch04.icc", "ch04.icc", "ch04.none")
    assert checks.notes(submission("a", code, checked=checked), ASKED, GIVEN, False) == [
        "Check cells are missing: ch04.n-groups.",
        "Checked more than once: ch04.icc.",
        "Checks questions that do not exist: ch04.none.",
        "Check cells were changed: ch04.icc.",
    ]


def test_a_notebook_that_was_dealt_to_somebody_else_is_noticed():
    checked = ("ch04.icc", "ch04.n-groups")
    own = submission("a", "", checked=checked, dealt={"student": "A "})
    other = submission("a", "", checked=checked, dealt={"student": "b"})
    none = submission("a", "", checked=checked)
    assert checks.notes(own, ASKED, set(), True) == []
    assert checks.notes(other, ASKED, set(), True) == ["The notebook was dealt to b."]
    assert "no notebook that `hlmteach deal` made" in checks.notes(none, ASKED, set(), True)[0]
    assert checks.notes(none, ASKED, set(), False) == []
    assert checks.mostly_dealt([own, other, none]) and not checks.mostly_dealt([own, none])
