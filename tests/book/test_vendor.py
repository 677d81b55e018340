import base64
import hashlib
import io
import subprocess
import tarfile

import pytest

from hlmteach.book import vendor
from hlmteach.book.vendor import Package, VendorError

FILES = {"es5/a.js": b"let a;", "es5/fonts/f.woff": b"font", "other.js": b"unwanted"}


def archive(files=FILES):
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w:gz") as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(f"package/{name}")
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return held.getvalue()


CONTENT = archive()
TINY = Package(
    "@some/tiny",
    "1.2.3",
    base64.b64encode(hashlib.sha512(CONTENT).digest()).decode(),
    (("es5/a.js", "tiny/a.js"), ("es5/fonts", "tiny/fonts")),
)


@pytest.fixture
def fetched(monkeypatch):
    """How often an archive was fetched."""
    calls = []

    def fetch(package, folder):
        calls.append(package.name)
        path = folder / "tiny.tgz"
        path.write_bytes(CONTENT)
        return path

    monkeypatch.setattr(vendor, "fetch", fetch)
    return calls


def test_the_wanted_files_and_no_others_are_put_in_place(fetched, tmp_path):
    vendor.collect((TINY,), tmp_path / "cache", tmp_path / "out")
    found = {path.relative_to(tmp_path / "out").as_posix() for path in files(tmp_path / "out")}
    assert found == {"tiny/a.js", "tiny/fonts/f.woff"}


def files(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def test_what_is_in_the_cache_is_not_fetched_again(fetched, tmp_path):
    for _ in range(2):
        vendor.collect((TINY,), tmp_path / "cache", tmp_path / "out")
    assert fetched == ["@some/tiny"]
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["some-tiny-1.2.3"]


def test_what_a_stopped_run_left_is_no_obstacle(fetched, tmp_path):
    half = tmp_path / "some-tiny-1.2.3.part"
    half.mkdir()
    (half / "rest").touch()
    vendor.unpacked(TINY, tmp_path)
    assert not half.exists()


def test_an_archive_with_other_bytes_is_refused_and_not_unpacked(fetched, tmp_path):
    other = Package(TINY.name, TINY.version, "x" * 88, TINY.files)
    with pytest.raises(VendorError, match=r"tiny@1\.2\.3 is not the one .* Do not use it"):
        vendor.unpacked(other, tmp_path)
    assert not (tmp_path / other.folder).exists()


def test_without_npm_the_reader_is_told_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setattr(vendor.shutil, "which", lambda name: None)
    with pytest.raises(VendorError, match="sudo apt install npm"):
        vendor.fetch(TINY, tmp_path)


def test_what_npm_says_is_passed_on(monkeypatch, tmp_path):
    done = subprocess.CompletedProcess([], 1, "", "npm error network")
    monkeypatch.setattr(vendor.shutil, "which", lambda name: "npm")
    monkeypatch.setattr(vendor.subprocess, "run", lambda *words, **more: done)
    with pytest.raises(VendorError, match="npm error network\nIs this computer online"):
        vendor.fetch(TINY, tmp_path)


def test_npm_only_downloads(monkeypatch, tmp_path):
    ran = []

    def run(words, **more):
        ran.append(words)
        return subprocess.CompletedProcess(words, 0, "notice\nsome-tiny-1.2.3.tgz\n", "")

    monkeypatch.setattr(vendor.shutil, "which", lambda name: "npm")
    monkeypatch.setattr(vendor.subprocess, "run", run)
    assert vendor.fetch(TINY, tmp_path) == tmp_path / "some-tiny-1.2.3.tgz"
    assert ran[0][:3] == ["npm", "pack", "@some/tiny@1.2.3"]
    assert "--ignore-scripts" in ran[0]


@pytest.mark.parametrize("package", [*vendor.BOOK, vendor.AXE], ids=lambda package: package.name)
def test_every_package_is_pinned_by_version_and_by_its_bytes(package):
    assert package.version.count(".") == 2
    assert len(base64.b64decode(package.sha512)) == 64
