"""What `hlmteach grade` says before it runs anything; tests/grading has the rest."""

import pytest

import hlmteach.sandbox
from hlmteach.assignment import Stop
from hlmteach.cli import main
from hlmteach.grade import parse_shard


@pytest.fixture
def grade(tmp_path, capsys, monkeypatch):
    (tmp_path / "class.csv").write_text("id\nann\n")
    (tmp_path / "pile").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(hlmteach.sandbox, "available", lambda: "")

    def run(*words, out="marked", roster="class.csv"):
        code = main(["grade", "pile", "--roster", roster, "--out", out, *words])
        said = capsys.readouterr()
        return code, said.out + said.err

    return run


def test_without_bubblewrap_it_refuses_and_says_what_no_sandbox_risks(grade, monkeypatch, tmp_path):
    monkeypatch.setattr(hlmteach.sandbox, "available", lambda: "bubblewrap is not there.")
    code, said = grade()
    assert code == 2 and "There is no sandbox here: bubblewrap is not there." in said
    assert "it can read and change your files (the gradebook and other submissions too)" in said
    assert "Add --no-sandbox only for notebooks that you trust" in said
    assert not (tmp_path / "marked").exists()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], "so I cannot tell the chapter"),
        (["--chapter", "ch77"], "There is no chapter 'ch77'"),
        (["--shard", "4/3"], "--shard is '4/3'; write 1/3, 2/3 and 3/3"),
        (["--config", "no.toml"], "There is no file no.toml"),
        (["--secret", "no.txt"], "The secret file no.txt cannot be read"),
    ],
)
def test_slips_are_named(grade, words, expected):
    code, said = grade(*words)
    assert code == 2 and expected in said


def test_out_may_not_lie_in_the_pile(grade):
    code, said = grade(out="pile/marked")
    assert code == 2 and "Name a folder beside it" in said


def test_a_missing_roster_is_named(grade):
    code, said = grade(roster="who.csv")
    assert code == 2 and "There is no file who.csv" in said


def test_a_class_that_handed_in_nothing_is_a_gradebook_of_missing(grade, tmp_path):
    code, said = grade("--chapter", "ch04")
    assert code == 0 and "1 student, 0 with something handed in" in said
    assert "ann,,0,0" in (tmp_path / "marked" / "gradebook.csv").read_text()
    assert "missing" in (tmp_path / "marked" / "gradebook.csv").read_text()


def test_a_file_that_is_nobodys_is_listed_and_counts_once_it_is_matched_by_hand(grade, tmp_path):
    (tmp_path / "pile" / "whose.ipynb").write_text("{}")
    code, said = grade("--chapter", "ch04")
    assert code == 0 and "1 notebook of nobody's; write the id beside it" in said
    listed = tmp_path / "marked" / "unmatched.csv"
    text = listed.read_text("utf-8-sig")
    assert text == "file,why,id\nwhose.ipynb,No name in its path is in the roster.,\n"
    listed.write_text(text.replace("roster.,", "roster.,ANN"), "utf-8")
    grade("--chapter", "ch04")
    assert "unreadable: it is JSON without cells" in (
        tmp_path / "marked" / "gradebook.csv"
    ).read_text("utf-8")
    assert listed.read_text("utf-8-sig").endswith("whose.ipynb,matched by hand,ANN\n")


def test_a_slip_in_the_marking_sheet_is_said_at_once(grade, tmp_path):
    (tmp_path / "marked").mkdir()
    (tmp_path / "marked" / "marking_sheet.csv").write_text(
        "question,points,key\nch04.report,two,a1\n"
    )
    said = grade("--chapter", "ch04")[1]
    assert "(row 2): 'two' is no number of points, so it is not counted yet." in said


@pytest.mark.parametrize(
    ("dealt_with", "graded_with", "expected"),
    [
        ("one long secret", "", "were dealt with a secret, and none was given"),
        (
            "one long secret",
            "another secret",
            "were dealt with a secret, and another one was given",
        ),
        ("", "one long secret", "were dealt without a secret. Leave --secret out"),
    ],
)
def test_another_secret_is_noticed(grade, tmp_path, dealt_with, graded_with, expected):
    for name in {dealt_with, graded_with} - {""}:
        (tmp_path / name).write_text(name)
    words = ["class.csv", "--chapter", "ch04", "--out", "handout"]
    main(["deal", *words, *(["--secret", dealt_with] if dealt_with else [])])
    (tmp_path / "handout" / "ann").rename(tmp_path / "pile" / "ann")
    code, said = grade(*(["--secret", graded_with] if graded_with else []))
    assert code == 2 and expected in said


def test_one_student_cannot_stop_the_class_by_notebooks_with_another_secrets_mark(grade, tmp_path):
    (tmp_path / "class.csv").write_text("id\nann\nben\ncy\n")
    main(["deal", "class.csv", "--chapter", "ch04", "--out", "handout"])
    for id in ("ann", "ben", "cy"):
        (tmp_path / "handout" / id).rename(tmp_path / "pile" / id)
    (mine,) = (tmp_path / "pile" / "cy").iterdir()
    for number in range(5):
        forged = mine.read_text("utf-8").replace('"seal": ""', '"seal": "0123abcd"')
        (tmp_path / "pile" / "cy" / f"{number}.ipynb").write_text(forged, "utf-8")
    (tmp_path / "pile" / "ann" / mine.name.replace("cy", "ann")).write_text("{}")  # no vote
    assert "There is no chapter 'ch77'" in grade("--chapter", "ch77")[1]  # what is looked at next


def test_shards():
    assert parse_shard("1/1") == (1, 1)
    for text in ("0/2", "a/b", "2", "1/"):
        with pytest.raises(Stop):
            parse_shard(text)
