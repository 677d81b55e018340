"""Broken and hostile submissions beside honest ones: everybody gets what is deserved."""

import io
import json
import os
import socket
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
    """A wrong answer after some code that is to make it right."""
    return lambda id: notebook([f"{START}\nimport json, os, signal, sys, time", code, GIVEN_UP])


def after(code):
    """A right answer before some code that is to do harm."""
    return lambda id: notebook([answer(id), f"import ctypes, os, signal, time\n{code}"])


def between(*cells):
    """A right answer below cells that do not work where it is graded."""
    return lambda id: notebook([*cells, answer(id)])


def damaged(id):
    """A zip whose notebook is packed as few programs do, and cut into."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_LZMA) as made:
        made.writestr("lab.ipynb", honest(id))
    raw = bytearray(out.getvalue())
    raw[60:70] = b"\xff" * 10
    return bytes(raw)


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
CLAIM = """
def claim(value, kind="typed"):
    one = dict(question="ch04.icc", kind=kind, value=value, fingerprint="")
    os.write(3, json.dumps({"evidence": json.dumps(one)}).encode() + b"\\n")
"""
FRAMES = """
frame, found = sys._getframe(), []
while frame:
    found, frame = found + [dict(frame.f_locals), frame.f_globals], frame.f_back
for names in found:
    for name, value in list(names.items()):
        if name in ("report", "answers", "shell", "judge", "RIGHT"):
            try: value("evidence", json.dumps({"points": 2})); value("done", 1)
            except Exception: pass
import gc
for thing in gc.get_objects():
    if type(thing).__name__ in ("Case", "Question", "Verdict"): hlm.check("ch04.icc", thing.answer)
"""
PLANTS = """
home = os.path.expanduser("~")
for folder in (".", "/tmp", "/dev/shm", home + "/.ipython/profile_default/startup", "/etc", "/usr"):
    for name in ("numpy.py", "hlmteach.py", "sitecustomize.py", "00.py"):
        try:
            os.makedirs(folder, exist_ok=True)
            open(f"{folder}/{name}", "w").write("raise SystemExit")
        except OSError: pass
"""
HAUNTS = """
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for s in range(1, 65):
            try: signal.signal(s, signal.SIG_IGN)
            except (OSError, ValueError): pass
        while True: time.sleep(1)
    os._exit(0)
"""
STOPS = """
for pid in (1, os.getppid(), 0, -1):
    try: os.kill(pid, signal.SIGSTOP)
    except OSError: pass
os.kill(os.getpid(), signal.SIGSTOP)
"""
CROWDS = """
for k in range(60):
    if os.fork() == 0:
        os.setsid()
        while True: pass
while True:
    try: time.sleep(99)
    except BaseException: pass
"""
HOARDS = """
kept = []
while True:
    kept.append(os.memfd_create("x"))
    os.write(kept[-1], bytes(40 << 20))
"""
UNFOLDS = """
import base64, json, struct, zlib
def part(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
head = struct.pack(">IIBBBBB", 30000, 30000, 1, 0, 0, 0, 0)
png = b"\\x89PNG\\r\\n\\x1a\\n" + part(b"IHDR", head)
png += part(b"IDAT", zlib.compress(bytes(3751 * 30000), 9)) + part(b"IEND", b"")
line = json.dumps({"figure": {"cell": 1, "png": base64.b64encode(png).decode()}}) + "\\n"
os.write(4, line.encode())
"""
CLOAKED = """
class Number(float):
    def __str__(self): return " or ".join(str(k / 1000) for k in range(1000))
    def __eq__(self, other): return True
    __repr__ = __str__
class Text(str):
    def __getitem__(self, k): return self
    def encode(self, *how): return b"{}"
hlm.check("ch04.icc", Text("0.999"))
hlm.check("ch04.icc", Number(0.999))
"""
SHOWS = "raise ValueError('\\x1b[2J\\u202e</pre><script>alert(1)</script>')"


def twice_named(id):
    """The cells are said twice; every reader of JSON takes the last."""
    wrong = json.dumps(json.loads(notebook([f"{START}\n{GIVEN_UP}"]))["cells"])
    return b'{"cells": ' + wrong.encode() + b", " + honest(id)[1:]


def marked(id):
    """What `hlmteach deal` writes into a notebook, as it never does."""
    mark = b'{"hlmteach": {"student": "\\ud800<b>", "seal": "\\udfff", "chapter": NaN}}'
    return honest(id).replace(
        b'"metadata": {}, "nbformat"', b'"metadata": ' + mark + b', "nbformat"'
    )


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
    "loops": ("lab.ipynb", lambda id: notebook([answer(id), "while True: pass"]), 2, "graded"),
    "lacks": ("lab.ipynb", between("import seaborn\nx = 1", "y = x\nfrom a import b"), 2, "graded"),
    "asks": (
        "lab.ipynb",
        between("input('who?')", "%matplotlib tk", "!pip install x"),
        2,
        "graded",
    ),
    "prints": ("lab.ipynb", between("for k in range(10**5): print('x' * 99)"), 2, "graded"),
    "elsewhere": ("lab.ipynb", between("open('../my data/x.csv')", "%cd .."), 2, "graded"),
    "abroad": (
        "lab.ipynb",
        between("import os, time; os.environ['TZ'] = 'Asia/Tokyo'; time.tzset()"),
        2,
        "graded",
    ),
    "order": (
        "lab.ipynb",
        lambda id: notebook(["hlm.check('ch04.icc', mine)", f"{START}\nmine = {right(id)}"]),
        2,
        "graded",
    ),
    "named": ("l\u00e4b \U0001f600\n.ipynb", honest, 2, "graded"),
    "long": ("x" * 240 + ".ipynb", honest, 2, "graded"),
    "utf32": ("LAB.IPYNB", lambda id: honest(id).decode().encode("utf-32"), 2, "graded"),
    "stops": ("lab.ipynb", after(STOPS), 2, "stopped: it took too long"),
    "becomes": ("lab.ipynb", after("os.execv('/bin/sleep', ['sleep', '99'])"), 2, "stopped: its"),
    "haunts": ("lab.ipynb", after(HAUNTS), 2, "graded"),
    "floods": ("lab.ipynb", after("while True: os.write(3, b'x' * 9999)"), 2, "stopped: it wrote"),
    "fills": ("lab.ipynb", after("open('x', 'wb').write(bytes(10**9))"), 2, "graded"),
    "crashes": ("lab.ipynb", after("ctypes.string_at(0)"), 2, "stopped: its program"),
    "shows": ("lab.ipynb", after(SHOWS), 2, "graded"),
    "crowds": ("lab.ipynb", after(CROWDS), 2, "stopped: it took too long"),
    "hoards": ("lab.ipynb", after(HOARDS), 2, "graded"),
    "unfolds": ("lab.ipynb", after(UNFOLDS), 2, "graded"),
    "twice-named": ("lab.ipynb", twice_named, 2, "graded"),
    "marked": ("lab.ipynb", marked, 2, "graded"),
    "cloaked": ("lab.ipynb", cheat(CLOAKED), 0, "graded"),
    "frames": ("lab.ipynb", cheat(FRAMES), 0, "graded"),
    "plants": ("lab.ipynb", cheat(PLANTS), 0, "graded"),
    "guesses": (
        "lab.ipynb",
        lambda id: notebook(
            [START, f"import os, json\n{CLAIM}\nclaim(' '.join(map(str, range(99))))"]
        ),
        0,
        "graded",
    ),
    "no-numbers": (
        "lab.ipynb",
        cheat(CLAIM + "for v in (float('nan'), True, None, [0.2], {}, '1e999'): claim(v)"),
        0,
        "graded",
    ),
    "sheets": ("lab.ipynb", lambda id: b'{"worksheets": [{"cells": 5}]}', 0, "graded"),
    "damaged": ("work.zip", damaged, 0, "unreadable: it cannot be read (LZMAError)"),
    "huge-number": ("lab.ipynb", lambda id: b'{"cells": ' + b"9" * 9999, 0, "unreadable: it is a"),
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
    "key": ("lab.ipynb", cheat(STEAL), 0, "graded"),
    "tamper": ("lab.ipynb", cheat(OTHERS), 0, "graded"),
    "other-id": (
        "lab.ipynb",
        lambda id: notebook(
            [f'{START}\nhlm.student("honest")', f'hlm.check("ch04.icc", {right("honest")!r})']
        ),
        0,
        "graded",
    ),
    "exits": ("lab.ipynb", cheat("os._exit(0)"), 0, "stopped: its program"),
    "eats": ("lab.ipynb", cheat("x = bytearray(10**11)"), 0, "graded"),
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
    _oddities(root / "pile", root / "pile" / "bom")
    (root / "limits.toml").write_text("[limits]\nseconds = 6\nmemory_mb = 300\n")
    before = snapshot(root / "pile")
    words = ["--roster", str(root / "class.csv"), "--out", str(root / "marked"), "--jobs", "2"]
    words += ["--chapter", "ch04", "--config", str(root / "limits.toml")]
    code = main(["grade", str(root / "pile"), *words])
    return root, code, before


def _oddities(pile, folder):
    """What is no file, in one student's folder: none of it is opened, and nobody waits for it."""
    os.mkfifo(folder / "pipe.ipynb")
    (folder / "pile").symlink_to(pile)
    with socket.socket(socket.AF_UNIX) as made:
        here = os.getcwd()
        os.chdir(folder)
        made.bind("socket.ipynb")
        os.chdir(here)
    (folder / "/".join(["d"] * 99)).mkdir(parents=True)


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
        (
            "other-id",
            "It says that it is &#x27;honest&#x27;; judged with the student&#x27;s own data",
        ),
        ("takes-back", "It answers ch04.icc 2 times; the last answer counts."),
        ("zipped", "has an entry that points elsewhere"),
    ],
)
def test_what_a_person_should_see_is_in_the_report(graded, id, note):
    assert note in (graded[0] / "marked" / "report.html").read_text("utf-8")


def test_every_submission_that_could_be_opened_has_its_page(graded):
    pages = {path.stem for path in (graded[0] / "marked" / "feedback").iterdir()}
    assert pages == set(NAMES) - {"nothing", "pdf"}


def test_no_picture_unfolds_in_the_browser_of_who_reads_the_page(graded):
    assert "<img" not in (graded[0] / "marked" / "feedback" / "unfolds.html").read_text("utf-8")
