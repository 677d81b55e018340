"""Jupyter kernels in the sandbox, as nbclient, nbval and nbgrader start them."""

import json
import os
import tomllib
from importlib.metadata import EntryPoint

import nbformat
import pytest
from jupyter_client.provisioning import KernelProvisionerFactory
from nbclient import NotebookClient

from hlmteach.questions import get
from hlmteach.questions.evidence import MIME, parse
from hlmteach.questions.judge import judge
from hlmteach.questions.parcel import pack
from hlmteach.sandbox.provisioner import SandboxProvisioner

CLASS = SandboxProvisioner.__name__
NAME = "hlmteach-sandbox"
GROUP = "jupyter_client.kernel_provisioners"


@pytest.fixture
def execute(needs_sandbox, monkeypatch, tmp_path):
    monkeypatch.setenv("JUPYTER_DEFAULT_PROVISIONER_NAME", NAME)
    where = EntryPoint(NAME, f"{SandboxProvisioner.__module__}:{CLASS}", GROUP)
    KernelProvisionerFactory.clear_instance()
    monkeypatch.setitem(KernelProvisionerFactory.instance().provisioners, NAME, where)
    os.chmod(tmp_path, 0o755)

    def run(*cells, **more):
        made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
        resources = {"metadata": {"path": str(tmp_path)}}
        NotebookClient(
            made, kernel_name="python3", resources=resources, allow_errors=True, **more
        ).execute()
        return [cell.outputs for cell in made.cells]

    yield run
    KernelProvisionerFactory.clear_instance()


def test_jupyter_is_told_where_the_provisioner_is(root):
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["entry-points"][GROUP] == {NAME: f"{SandboxProvisioner.__module__}:{CLASS}"}


def text(outputs):
    return "".join(o.get("text", "") or o.get("data", {}).get("text/plain", "") for o in outputs)


def test_a_kernel_in_the_sandbox_works_as_ever_and_reaches_nothing(execute, tmp_path, outside):
    (tmp_path / "scores.csv").write_text("a\n1\n")
    calls = [
        f"open({str(outside.secret)!r})",
        "open('scores.csv', 'w')",
        "open('/kernel/planted', 'w')",
        "__import__('socket').create_connection(('127.0.0.1', 22), 2)",
        "__import__('os').setuid(0)",
        "__import__('os').kill(1, 9) or 'alive'",
    ]
    tries = "".join(
        f"try: said.append({call})\nexcept Exception as e: said.append(type(e).__name__)\n"
        for call in calls
    )
    said = execute(
        "open('scores.csv').read()",
        f"said = []\n{tries}said",
        "%matplotlib inline\nimport matplotlib.pyplot as plt; plt.plot([1, 2]); plt.show()",
        "!echo hello",
        "input()",
        "import os; os.getuid()",
    )
    assert text(said[0]) == repr("a\n1\n")
    read, write, planted, network, root, kill = eval(text(said[1]))
    assert read == "FileNotFoundError" and {write, planted} <= {"OSError", "PermissionError"}
    assert network == "ConnectionRefusedError" and root in ("PermissionError", "OSError")
    assert kill in ("PermissionError", "alive")  # the process that watches lives on
    assert "image/png" in said[2][-1]["data"] and text(said[3]).strip() == "hello"
    assert said[4][0]["ename"] == "StdinNotImplementedError" and text(said[5]) != "0"
    assert outside.untouched()


def test_outputs_of_check_carry_evidence_for_the_judge(execute, tmp_path, monkeypatch):
    (tmp_path / "data.txt").write_text(pack("Zoë", ["ch04"], "s3"))
    monkeypatch.setenv("HLMTEACH_PARCEL", str(tmp_path / "data.txt"))
    said = execute(
        "import hlmteach as hlm; data = hlm.data('ch04.icc')",
        "hlm.check('ch04.icc', hlm.lmer('math ~ 1 + (1 | school_id)', data).icc)",
        "from hlmteach.questions import all_questions; all_questions()",
    )
    evidence = parse(json.dumps(said[1][0]["data"][MIME]))
    assert judge(get("ch04.icc"), evidence, "Zoë", "s3").correct is True
    assert "Recorded" in text(said[1]) and text(said[2]) == "[]"


def test_without_a_parcel_check_judges_and_carries_evidence_too(execute):
    said = execute("import hlmteach as hlm", "hlm.check('ch04.icc', 0.5)")
    assert said[1][0]["data"][MIME]["value"] == "0.5" and "Not yet" in text(said[1])


def test_an_endless_cell_is_interrupted_and_the_next_one_runs(execute):
    loop = "import time\nwhile True: time.sleep(0.01)"
    said = execute(loop, "1 + 1", timeout=3, interrupt_on_timeout=True)
    assert said[0][0]["ename"] == "KeyboardInterrupt" and text(said[1]) == "2"


def test_nothing_of_a_kernel_is_left(execute, monkeypatch):
    import tempfile

    made, real = [], tempfile.mkdtemp
    monkeypatch.setattr(tempfile, "mkdtemp", lambda **k: made.append(real(**k)) or made[-1])
    execute("import os; os.system('sleep 300 &')")
    assert made and not any(map(os.path.exists, made))
