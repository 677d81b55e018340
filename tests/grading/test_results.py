from pieces import ANN, attempt

from hlmteach.grading import results
from hlmteach.grading.results import Setup, Store, fingerprint
from hlmteach.grading.roster import Student
from hlmteach.grading.submissions import Submission

SETUP = Setup(("ch04",))


def test_a_result_is_read_only_under_its_own_fingerprint(tmp_path):
    store = Store(tmp_path)
    store.write(ANN, "f1", [{"status": "ok"}])
    assert store.read(ANN, "f1")["attempts"] == [{"status": "ok"}]
    assert store.read(ANN, "f2") is None
    assert store.read(Student("bo"), "f1") is None


def test_a_damaged_result_is_no_result(tmp_path):
    store = Store(tmp_path)
    for raw in (b"", b"{", b"[]", b"\xff"):
        store.path(ANN).write_bytes(raw)
        assert store.read(ANN, "f1") is None


def test_everything_that_a_result_follows_from_is_in_the_fingerprint():
    one = Submission(ANN, [attempt()])
    known = fingerprint(one, SETUP)
    others = [
        (Submission(ANN, [attempt(digest="e")]), SETUP),
        (Submission(ANN, [attempt("ann/other.ipynb")]), SETUP),
        (Submission(ANN, [attempt(), attempt("ann/2.ipynb")]), SETUP),
        (Submission(Student("bo"), [attempt()]), SETUP),
        (one, Setup(("ch05",))),
        (one, Setup(("ch04",), secret="s")),
        (one, Setup(("ch04",), sandbox=False)),
        (one, Setup(("ch04",), limits={"seconds": 5})),
    ]
    found = [fingerprint(*other) for other in others]
    assert len({known, *found}) == 1 + len(others)
    assert fingerprint(Submission(ANN, [attempt()]), Setup(("ch04",))) == known


def test_a_sandbox_that_did_not_start_is_tried_again():
    assert results.is_final({"attempts": [{"status": "timeout"}]})
    assert not results.is_final({"attempts": [{"status": "ok"}, {"status": "failed"}]})
    assert not results.is_final(None)


def test_writing_leaves_the_old_file_or_the_new_one(tmp_path, monkeypatch):
    path = tmp_path / "a.json"
    results.write(path, "old")

    def killed(*_):
        raise OSError("the disk is full")

    monkeypatch.setattr(results.os, "replace", killed)
    try:
        results.write(path, "new")
    except OSError:
        pass
    assert [p.name for p in tmp_path.iterdir()] == ["a.json"] and path.read_text() == "old"


def test_half_files_of_a_killed_run_are_removed_and_results_stay(tmp_path):
    store = Store(tmp_path)
    store.write(ANN, "f1", [])
    (tmp_path / ".bo.json.17.part").write_text("{")
    store.tidy()
    assert [p.name for p in tmp_path.iterdir()] == ["ann.json"]
