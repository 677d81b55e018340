import subprocess

import pytest
from IPython.core.inputtransformer2 import TransformerManager

from hlmteach.book import launch

FORK = "https://github.com/fork/course"


def cloned_from(folder, address):
    for words in (["init", "-q"], ["remote", "add", "origin", address]):
        subprocess.run(["git", "-C", folder, *words], check=True)


@pytest.mark.parametrize(
    "address",
    [
        "https://github.com/one/two.git",
        "https://github.com/one/two",
        "https://github.com/one/two/",
        "git@github.com:one/two.git",
        "ssh://git@github.com/one/two",
    ],
)
def test_the_address_is_where_the_course_was_cloned_from(tmp_path, address):
    cloned_from(tmp_path, address)
    assert launch.repository(tmp_path) == "https://github.com/one/two"


def test_a_fork_is_given_by_name(tmp_path):
    cloned_from(tmp_path, "https://github.com/one/two")
    assert launch.repository(tmp_path, FORK + ".git") == FORK


def test_a_folder_or_another_host_has_no_address(tmp_path):
    assert launch.repository(tmp_path) == ""
    cloned_from(tmp_path, "https://example.org/one/two")
    assert launch.repository(tmp_path) == ""


@pytest.mark.parametrize(
    "given", ["fork/course", "https://example.org/a/b", "https://github.com/a"]
)
def test_an_address_that_cannot_be_launched_is_refused(tmp_path, given):
    with pytest.raises(ValueError, match="no address that Binder and Colab know"):
        launch.repository(tmp_path, given)


def test_the_install_cell_is_python_that_does_nothing_elsewhere():
    code = TransformerManager().transform_cell(launch.install_cell(FORK))
    ran = []

    class Shell:
        def run_line_magic(self, *words):
            ran.append(words)

    exec(compile(code, "cell", "exec"), {"get_ipython": Shell})
    assert ran == []  # this is not Colab


def test_the_install_cell_installs_on_colab(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "google.colab", object())
    ran = []

    class Shell:
        def run_line_magic(self, name, line):
            ran.append((name, line))

    code = TransformerManager().transform_cell(launch.install_cell(FORK))
    exec(compile(code, "cell", "exec"), {"get_ipython": Shell})
    assert ran == [("pip", "install -q formulaic"), ("pip", f"install -q --no-deps git+{FORK}")]


def test_the_page_of_a_fork_names_the_fork():
    page = launch.page(FORK)
    assert "https://mybinder.org/v2/gh/fork/course/HEAD" in page
    assert "https://colab.research.google.com/github/fork/course" in page
    assert f"%pip install -q --no-deps git+{FORK}" in page


def test_the_page_says_which_address_to_put_in_where_none_is_known():
    page = launch.page("")
    assert "https://github.com/OWNER/NAME" in page
    assert "with that address" in page
    assert "rocket" not in page


def test_the_page_has_no_cell_to_paste_where_the_notebooks_have_it():
    page = launch.page(FORK, "gh-pages")
    assert "%pip" not in page
    assert "run the first cell first" in page


def test_there_are_no_buttons_without_an_address():
    assert launch.theme_options("") == {}
    assert launch.theme_options(FORK)["repository_url"] == FORK


@pytest.fixture
def buttons():
    colab = "https://colab.research.google.com/github/fork/course/blob/HEAD/chapters/ch04.ipynb"
    return [
        {"label": "launch-buttons", "buttons": [{"text": "Colab", "url": colab}]},
        {
            "label": "download-buttons",
            "buttons": [
                {"text": ".ipynb", "label": "download-source-button"},
                {"text": ".pdf", "label": "download-pdf-button"},
            ],
        },
        {"label": "source-repository-button", "text": ""},
    ]


def test_colab_opens_the_notebook_with_the_install_cell(buttons):
    launch.settle(buttons, "ch04.ipynb", "gh-pages", "run.html")
    (only,) = buttons[0]["buttons"]
    assert only["url"].endswith("/fork/course/blob/gh-pages/_sources/chapters/ch04.ipynb")


def test_without_a_branch_the_menu_says_what_to_run_first(buttons):
    launch.settle(buttons, "ch04.ipynb", "", "../run.html#on-colab")
    colab, told = buttons[0]["buttons"]
    assert colab["url"].endswith("/blob/HEAD/chapters/ch04.ipynb")
    assert told["text"] == "Colab: what to run first"
    assert told["url"] == "../run.html#on-colab"


def test_a_page_of_a_notebook_offers_the_notebook(buttons):
    launch.settle(buttons, "../_sources/chapters/ch04.ipynb", "", "run.html")
    assert [item["text"] for item in buttons[1]["buttons"]] == [".ipynb", ".pdf"]
    assert buttons[1]["buttons"][0]["url"] == "../_sources/chapters/ch04.ipynb"


def test_another_page_offers_no_file(buttons):
    launch.settle(buttons, "", "", "run.html")
    assert [item["text"] for item in buttons[1]["buttons"]] == [".pdf"]
