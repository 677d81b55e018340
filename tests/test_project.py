from hlmteach.project import find_root


def test_finds_the_course_from_a_folder_inside_it(tmp_path):
    (tmp_path / "course.py").touch()
    inside = tmp_path / "chapters" / "deep"
    inside.mkdir(parents=True)
    assert find_root(inside) == tmp_path.resolve()


def test_outside_any_course_it_is_where_the_package_comes_from(tmp_path, root):
    assert find_root(tmp_path) == root
