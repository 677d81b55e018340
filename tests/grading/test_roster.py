import pytest

from hlmteach.grading import roster
from hlmteach.grading.csvfile import BadTable


def read(tmp_path, text):
    path = tmp_path / "class.csv"
    path.write_text(text, encoding="utf-8")
    return roster.read(path)


@pytest.mark.parametrize(
    ("head", "row"),
    [
        ("id,name,email", "s1,Ann Lee,a@x.org"),
        ("E-Mail,Matrikelnummer,Vorname,Nachname", "a@x.org,s1,Ann,Lee"),
        ("First name,Last name,ID number,Email address", "Ann,Lee,s1,a@x.org"),
        ("Student ID;Full Name;Mail", "s1;Ann Lee;a@x.org"),
    ],
)
def test_columns_are_found_by_name(tmp_path, head, row):
    (student,) = read(tmp_path, f"{head}\n{row}\n")
    assert (student.id, student.name, student.email) == ("s1", "Ann Lee", "a@x.org")


def test_canvas_gradebook_is_a_roster(tmp_path):
    text = (
        "Student,ID,SIS User ID,SIS Login ID,Section\n"
        '    Points Possible,,,,\n"Lee, Ann",4711,s1,ann,A\n'
    )
    (student,) = read(tmp_path, text)
    assert (student.id, student.name, student.row["ID"]) == ("s1", "Lee, Ann", "4711")


def test_an_email_serves_where_there_is_no_id(tmp_path):
    found = read(tmp_path, "name,email\nAnn,Ann@x.org\n")
    assert found.find("ann@X.ORG").id == "Ann@x.org"


def test_a_student_is_found_by_id_email_and_file_name(tmp_path):
    found = read(tmp_path, "id,email\nZoë/1,z@x.org\nb,b@x.org\n")
    zoe = found.students[0]
    assert found.find("ZOË/1") is found.find("z@x.org") is found.find(zoe.file_name) is zoe
    assert found.find("nobody") is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("id,name\n,Ann\n", r"student 1 \(Ann\) has no id in the column 'id'"),
        ("id,name\na,Ann\nb,Bo\nA ,Al\n", r"student 3 \(Al\) has the id 'A' of student 1"),
        ("colour,size\nred,3\n", "has no column of ids; its columns are 'colour', 'size'"),
        ("id,name\n", "names its columns and no student below them"),
        ("id\nguest\n", "student 1 has no id"),
    ],
)
def test_doubtful_rosters_are_refused_and_the_line_is_named(tmp_path, text, words):
    with pytest.raises(BadTable, match=words):
        read(tmp_path, text)
