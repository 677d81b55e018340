"""An nbgrader course in a folder, run as a teacher runs it but for the command line."""

from pathlib import Path

import nbformat
from classroom import CHAPTER
from nbgrader.api import Gradebook
from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from traitlets.config import PyFileConfigLoader

from hlmteach.cli import main
from hlmteach.nbgrader import look
from hlmteach.nbgrader.course import CONFIG

NAME = "ch04_icc"


class Course:
    """An nbgrader course in a folder."""

    def __init__(self, root: Path, *words: str) -> None:
        self.root = root
        assert main(["nbgrader", "--chapter", CHAPTER, "--out", str(root), *words]) == 0
        self.config = PyFileConfigLoader(CONFIG, str(root)).load_config()
        self.do(GenerateAssignment)
        self.released = self.read("release")

    def do(self, step, student="*", **more):
        folder = CourseDirectory(config=self.config, assignment_id=CHAPTER, student_id=student)
        step(coursedir=folder, config=self.config, **more).start()

    def read(self, *folders):
        path = self.root.joinpath(*folders, CHAPTER, f"{NAME}.ipynb")
        return nbformat.read(path, as_version=4)

    def hand_in(self, student, made, name=NAME):
        folder = self.root / "submitted" / student / CHAPTER
        folder.mkdir(parents=True, exist_ok=True)
        made = made if isinstance(made, bytes) else nbformat.writes(made).encode()
        (folder / f"{name}.ipynb").write_bytes(made)
        return folder

    def gradebook(self):
        return Gradebook(f"sqlite:///{self.root}/gradebook.db")

    def marks(self, student):
        """Question's cell -> (points, does a person have to look?)."""
        with self.gradebook() as book:
            grades = book.find_submission_notebook(NAME, CHAPTER, student).grades
            return {g.name: (g.auto_score, g.needs_manual_grade) for g in grades}

    def comments(self, student):
        with self.gradebook() as book:
            found = book.find_submission_notebook(NAME, CHAPTER, student).comments
            return {c.name: c.comment.partition("\n\n[answer]: #")[0] for c in found}

    def mark(self, student, question, points, comment):
        """What the formgrader writes when a teacher marks an answer."""
        with self.gradebook() as book:
            if points is not None:
                book.find_grade(question, NAME, CHAPTER, student).manual_score = points
            book.find_comment(question, NAME, CHAPTER, student).manual_comment = comment
            book.db.commit()

    def total(self, student):
        with self.gradebook() as book:
            return book.find_submission_notebook(NAME, CHAPTER, student).score

    def page(self, student):
        return self.root.joinpath("feedback", student, CHAPTER, f"{NAME}.html").read_text("utf-8")

    def worth_a_look(self, student):
        text = (self.root / look.FILE).read_text("utf-8")
        return "\n".join(line for line in text.splitlines() if f",{student}," in line)


def answered(course, sources):
    """The released notebook with answers: question -> source."""
    made = course.read("release")
    for cell in made.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        question = name.removesuffix("_answer").replace("_", ".", 1)
        if cell.metadata.get("nbgrader", {}).get("solution"):
            cell.source = cell.source.replace("...", sources[question], 1)
    return made
