"""Broken and hostile submissions beside honest ones: everybody gets what is deserved."""

import io
import json
import os
import zipfile
from pathlib import Path

import pytest
from classroom import Pupil, as_bytes, book, code_cell, notebook, plain, roster, snapshot

from hlmteach.cli import main
from hlmteach.questions import get
from hlmteach.questions.cases import case
from hlmteach.sandbox import available

pytestmark = pytest.mark.skipif(bool(available()), reason=f"no sandbox: {available()}")
ICC, SCHOOLS = get("ch04.icc"), get("ch04.n-groups")
START = "import hlmteach as hlm"
GIVEN_UP = 'hlm.check("ch04.icc", 0.999)'


def right(id, question=ICC):
    return plain(case(question, id).answer)


def answer(id):
    return f'{START}\nhlm.check("ch04.icc", {right(id)!r})'


def honest(id):
    return notebook([answer(id)])


def with_output(id):
    """A wrong answer below which a right one was pasted as saved output."""
    cell = code_cell(f"{START}\n{GIVEN_UP}")
    text = f"Right (ch04.icc, 2 of 2 points) {right(id)}"
    cell["outputs"] = [
        {"output_type": "stream", "name": "stdout", "text": text},
        {
            "output_type": "display_data",
            "metadata": {},
            "data": {
                "application/vnd.hlmteach.evidence+json": {
                    "question": "ch04.icc",
                    "kind": "typed",
                    "value": str(right(id)),
                    "fingerprint": "",
                }
            },
        },
    ]
    return as_bytes([cell], {"grade": 100})


def cheat(code):
    return notebook([START, code, GIVEN_UP])


def packed(id):
    """A zip within the pile, with ways out of it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("../../../escaped.ipynb", "{}")
        made.writestr("lab.ipynb", honest(id))
    return out.getvalue()


STEAL = """
import hlmteach.questions.registry as registry
q = registry.get("ch04.icc")
hlm.check("ch04.icc", q.answer(hlm.data("ch04.icc")))
hlm.check = lambda *a: None
"""
OTHERS = """
import glob, os
for path in glob.glob("/tmp/**/*", recursive=True):
    os.path.isfile(path) and open(path, "w").write("mine")
open(os.path.join(os.path.dirname(hlm.__file__), "grade.py"), "w").write("x")
"""
# name -> (file's name, bytes, points for ch04.icc, words in the status)
NAMES = {
    "honest": ("lab.ipynb", honest, 2, "graded"),
    "bom": ("lab.ipynb", lambda id: b"\xef\xbb\xbf" + honest(id), 2, "graded"),
    "utf16": ("lab.ipynb", lambda id: honest(id).decode().encode("utf-16"), 2, "graded"),
    "txt": ("lab.ipynb.txt", honest, 2, "graded"),
    "zipped": ("work.zip", packed, 2, "graded"),
    "v3": (
        "lab.ipynb",
        lambda id: json.dumps(
            {"worksheets": [{"cells": [{"cell_type": "code", "input": answer(id)}]}]}
        ).encode(),
        2,
        "graded",
    ),
    "slips": (
        "lab.ipynb",
        lambda id: notebook(["1 / 0", "import nothing_like_it", "(", "\0", answer(id), "x = "]),
        2,
        "graded",
    ),
    "twice": ("lab.ipynb", lambda id: notebook([f"{START}\n{GIVEN_UP}", answer(id)]), 2, "graded"),
    "loop-after": (
        "lab.ipynb",
        lambda id: notebook([answer(id), "while True: pass"]),
        2,
        "stopped: it took too long",
    ),
    "empty": ("lab.ipynb", lambda id: b"", 0, "unreadable: it is empty"),
    "broken": ("lab.ipynb", lambda id: honest(id)[:-30], 0, "unreadable: it is a damaged"),
    "huge": ("lab.ipynb", lambda id: bytes(50_000_100), 0, "unreadable: it has more than 50 MB"),
    "deep": ("lab.ipynb", lambda id: b"[" * 200_000, 0, "unreadable: it is nested deeper"),
    "html": ("lab.ipynb", lambda id: b"<!DOCTYPE html>", 0, "unreadable: it is a web page"),
    "list": ("lab.ipynb", lambda id: b"[1, 2]", 0, "unreadable: it is JSON, but no"),
    "none": ("lab.ipynb", lambda id: notebook([]), 0, "graded"),
    "pdf": ("lab.pdf", lambda id: b"%PDF", 0, "no notebook, only pdf/lab.pdf"),
    "outputs": ("lab.ipynb", with_output, 0, "graded"),
    "takes-back": ("lab.ipynb", lambda id: notebook([answer(id), GIVEN_UP]), 0, "graded"),
    "key": ("lab.ipynb", lambda id: cheat(STEAL), 0, "graded"),
    "tamper": ("lab.ipynb", lambda id: cheat(OTHERS), 0, "graded"),
    "other-id": (
        "lab.ipynb",
        lambda id: notebook(
            [f'{START}\nhlm.student("honest")', f'hlm.check("ch04.icc", {right("honest")!r})']
        ),
        0,
        "graded",
    ),
    "exits": ("lab.ipynb", lambda id: cheat("import os; os._exit(0)"), 0, "stopped: its program"),
    "eats": ("lab.ipynb", lambda id: cheat("x = bytearray(10**11)"), 0, "graded"),
    "nothing": ("", None, 0, "missing"),
}


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    root = tmp_path_factory.mktemp("hostile")
    for id, (name, make, _, _) in NAMES.items():
        folder = root / "pile" / id
        folder.mkdir(parents=True)
        if make:
            (folder / name).write_bytes(make(id))
    (root / "pile" / "key" / "hlmteach.py").write_text("raise SystemExit")
    (root / "pile" / "none" / "link.ipynb").symlink_to(root / "pile" / "honest" / "lab.ipynb")
    roster(root / "class.csv", [Pupil(id, f"N {id}") for id in NAMES])
    (root / "limits.toml").write_text("[limits]\nseconds = 10\nmemory_mb = 300\n")
    before = snapshot(root / "pile")
    words = ["--roster", str(root / "class.csv"), "--out", str(root / "marked"), "--jobs", "2"]
    words += ["--chapter", "ch04", "--config", str(root / "limits.toml")]
    code = main(["grade", str(root / "pile"), *words])
    return root, code, before


@pytest.mark.parametrize("id", NAMES)
def test_the_mark_that_is_deserved(graded, id):
    root = graded[0]
    row = book(root / "marked" / "gradebook.csv")[id]
    _, _, points, status = NAMES[id]
    assert float(row[ICC.id]) == points
    assert float(row["total"]) == points
    assert row["status"].startswith(status), row["status"]


def test_nothing_outside_was_changed(graded):
    root, code, before = graded
    assert code == 0
    assert snapshot(root / "pile") == before
    assert sorted(path.name for path in root.iterdir()) == [
        "class.csv",
        "limits.toml",
        "marked",
        "pile",
    ]
    assert "def parse_shard" in (Path(hlmteach_folder()) / "grade.py").read_text("utf-8")
    assert not list(root.parent.rglob("escaped.ipynb"))


def hlmteach_folder():
    import hlmteach

    return os.path.dirname(hlmteach.__file__)


@pytest.mark.parametrize(
    ("id", "note"),
    [
        ("key", "key/hlmteach.py is named like a module that the notebook imports"),
        ("none", "it is a link, which is not followed"),
        ("other-id", "It says that it is &#x27;honest&#x27;."),
        ("takes-back", "It answers ch04.icc 2 times; the last answer counts."),
        ("zipped", "has an entry that points elsewhere"),
    ],
)
def test_what_a_person_should_see_is_in_the_report(graded, id, note):
    assert note in (graded[0] / "marked" / "report.html").read_text("utf-8")


def test_every_submission_that_could_be_opened_has_its_page(graded):
    pages = {path.stem for path in (graded[0] / "marked" / "feedback").iterdir()}
    assert pages == set(NAMES) - {"nothing", "pdf"}
