import csv
import io
import re

import pytest

from hlmteach.grading import csvfile
from hlmteach.grading.csvfile import BadTable

ROWS = [{"id": "007", "name": "Zoë Ångström"}, {"id": "8", "name": "Lee, Ann"}]
TEXTS = {
    "commas": 'id,name\n007,Zoë Ångström\n8,"Lee, Ann"\n',
    "semicolons": "id;name\r\n007;Zoë Ångström\r\n8;Lee, Ann\r\n",
    "tabs": "id\tname\r\n007\tZoë Ångström\r\n8\tLee, Ann\r\n",
    "Excel's own line": "sep=;\r\nid;name\r\n007;Zoë Ångström\r\n8;Lee, Ann\r\n",
    "spaces and empty lines": "id ; name\n 007; Zoë Ångström \n;\n8;Lee, Ann\n\n",
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_every_dialect_is_read(tmp_path, text, encoding):
    path = tmp_path / "roster.csv"
    path.write_bytes(text.encode(encoding))
    assert csvfile.read(path) == ROWS


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "is empty. The first line has to name the columns"),
        (b"PK\x03\x04rest", "is an Excel workbook, not a CSV file. In Excel: File, Save As"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path, raw, words):
    path = tmp_path / "roster.csv"
    path.write_bytes(raw)
    with pytest.raises(BadTable, match=words):
        csvfile.read(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(BadTable, match=r"There is no file .*class\.csv"):
        csvfile.read(tmp_path / "class.csv")


DANGEROUS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\u200b=1", "＝1", "\n=1"]


@pytest.mark.parametrize("cell", DANGEROUS)
def test_no_cell_begins_like_a_formula(cell):
    text = csvfile.text(["id"], [[cell]])
    assert list(csv.reader(io.StringIO(text, newline="")))[1][0].startswith("'")


@pytest.mark.parametrize("sign", [";", "\t", "|", "\n", "\r\n"])
@pytest.mark.parametrize("formula", ["=HYPERLINK(1)", "@SUM(A1)", "-2+cmd|' /C calc'!A1", " =A(1)"])
def test_no_formula_begins_inside_a_text_either(sign, formula):
    text = csvfile.text(["id", "answer"], [["jo", f"Schools differ{sign}{formula}{sign}."]])
    for line in re.split(r"[;\t|\n\r]", text):
        assert line.lstrip()[:1] not in ("=", "@", "-") or not re.search("[(!]", line)


def test_plain_text_keeps_its_signs():
    answer = "First; -0.2 is small | = nothing\n- a list\n- of two (2)"
    assert csvfile.safe(answer.replace("(2)", "2")) == answer.replace("(2)", "2")
    assert csvfile.safe(answer).endswith("\n'- of two (2)")  # might do something


def test_plain_cells_and_numbers_stay_as_they_are():
    assert csvfile.text(["a", "b", "c"], [["Zoë", 2.5, 3.0]]) == "a,b,c\nZoë,2.5,3\n"
