import json

import pytest

from hlmteach.cli import main
from hlmteach.questions import get, recorder
from hlmteach.questions.parcel import unpack

SECRET = "seven blue bicycles"


@pytest.fixture
def deal(tmp_path, capsys):
    (tmp_path / "class.csv").write_text('id;name\nZoë "Q"/1;Zoë\nb@x.org;Bo\n', "utf-8")
    (tmp_path / "secret.txt").write_text(SECRET + "\n")

    def run(*words):
        out = str(tmp_path / "handout")
        code = main(["deal", str(tmp_path / "class.csv"), "--out", out, *words])
        said = capsys.readouterr()
        return code, said.out + said.err

    run.out, run.secret = tmp_path / "handout", str(tmp_path / "secret.txt")
    return run


def cells(path):
    return ["".join(c["source"]) for c in json.loads(path.read_text("utf-8"))["cells"]]


def test_every_student_gets_a_notebook_with_the_id_in_it(deal):
    code, said = deal("--chapter", "ch04")
    assert code == 0 and "2 folders in" in said
    bo = deal.out / "b@x.org" / "ch04_icc-b@x.org.ipynb"
    assert 'import hlmteach as hlm\n\nhlm.student("b@x.org")' in cells(bo)
    assert not any("Generated from" in cell for cell in cells(bo))
    assert json.loads(bo.read_text())["metadata"]["hlmteach"] == {
        "chapter": "ch04",
        "seal": "",
        "student": "b@x.org",
    }
    others = [path for path in deal.out.rglob("*.ipynb") if path != bo]
    assert len(others) == 1 and 'hlm.student("Zoë \\"Q\\"/1")' in "\n".join(cells(others[0]))


@pytest.mark.parametrize(
    ("words", "told", "reply"),
    [
        ([], "Your id stands in the first cell: your data follow from it", True),
        (["--secret"], "it says that your answer is recorded", False),
        (["--secret", "--feedback"], "Your id stands in the first cell: your data", True),
        (["--one"], "Write your id in the first cell", True),
    ],
)
def test_a_notebook_says_what_to_do_in_it(deal, words, told, reply):
    words = [more for word in words for more in (word, deal.secret)[: 1 + (word == "--secret")]]
    deal("--chapter", "ch04", *words)
    for path in deal.out.rglob("*.ipynb"):
        introduction = cells(path)[0]
        assert told in " ".join(introduction.split())
        assert ("hlm.hint(" in introduction) is reply and "# Exercises 4" in introduction


def test_with_a_secret_the_data_lie_beside_it_and_the_secret_does_not(deal):
    code, said = deal("--chapter", "4", "--secret", deal.secret)
    assert code == 0 and "Keep" in said
    folder = deal.out / "b@x.org"
    assert sorted(path.name for path in folder.iterdir()) == [
        "ch04_icc-b@x.org.ipynb",
        "hlmteach_data.txt",
    ]
    assert 'hlm.dealt("hlmteach_data.txt")' in "\n".join(cells(folder / "ch04_icc-b@x.org.ipynb"))
    parcel = unpack((folder / "hlmteach_data.txt").read_text())
    right = get("ch04.icc").data("b@x.org", SECRET)
    assert parcel.student == "b@x.org" and parcel.data("ch04.icc").equals(right)
    assert not parcel.judged
    assert not any(
        SECRET.encode() in path.read_bytes() for path in deal.out.rglob("*") if path.is_file()
    )


@pytest.mark.parametrize("feedback", [False, True])
def test_a_dealt_notebook_runs_on_its_own_data(deal, monkeypatch, feedback):
    deal("--chapter", "ch04", "--secret", deal.secret, *["--feedback"] * feedback)
    monkeypatch.chdir(deal.out / "b@x.org")
    world = {}
    try:
        for cell in cells(deal.out / "b@x.org" / "ch04_icc-b@x.org.ipynb"):
            if "hlm.dealt(" in cell or "hlm.data(" in cell:
                exec(cell, world)
        secret = get("ch04.same-rows").data("b@x.org", SECRET)
        assert world["students"].equals(secret[0])
        data = get("ch04.icc").data("b@x.org", SECRET)
        reply = world["hlm"].check("ch04.icc", get("ch04.icc").answer(data))
    finally:
        recorder.remove()
    assert reply.status == ("right" if feedback else "recorded")


def test_feedback_on_dealt_data_on_demand(deal):
    deal("--chapter", "ch01", "--secret", deal.secret, "--feedback")
    assert unpack((deal.out / "b@x.org" / "hlmteach_data.txt").read_text()).judged


def test_one_notebook_for_all_asks_for_the_id(deal):
    assert deal("--chapter", "ch04", "--one")[0] == 0
    (path,) = deal.out.iterdir()
    assert path.name == "ch04_icc.ipynb"
    assert 'hlm.student("")  # between the quotes: your student number' in "\n".join(cells(path))


def test_notebooks_in_use_are_not_written_over_unasked(deal):
    deal("--chapter", "ch04")
    code, said = deal("--chapter", "ch04")
    assert code == 2 and "holds notebooks already" in said
    assert deal("--chapter", "ch04", "--force")[0] == 0


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--chapter", "ch77"], "There is no chapter 'ch77' with questions; there are ch01, ch02"),
        (["--chapter", "ch04", "--secret", "nowhere.txt"], "cannot be read"),
        (["--chapter", "ch04", "--one", "--secret", "SECRET"], "cannot be one notebook for all"),
    ],
)
def test_slips_are_named_and_nothing_is_written(deal, words, expected):
    words = [deal.secret if word == "SECRET" else word for word in words]
    code, said = deal(*words)
    assert code == 2 and expected in said and not deal.out.exists()


def test_a_short_secret_is_refused(deal, tmp_path):
    (tmp_path / "short.txt").write_text("abc\n")
    code, said = deal("--chapter", "ch04", "--secret", str(tmp_path / "short.txt"))
    assert code == 2 and "has 3 letters; that can be guessed" in said
