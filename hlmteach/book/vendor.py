"""JavaScript of others that the book serves itself, so that no page asks another host for it.

The packages come through the npm client, in the versions below, are verified, and are kept in a
cache. Nothing of them is run while the book is built, and nothing is committed.
"""

import base64
import hashlib
import shutil
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path


class VendorError(RuntimeError):
    """A package could not be fetched, or is not the one that is wanted."""


@dataclass(frozen=True)
class Package:
    """One version of one package.

    Attributes
    ----------
    name, version : as npm knows it
    sha512 : of its archive, in base 64, as npm writes it
    files : the files and folders that are wanted, each with its name in the book
    """

    name: str
    version: str
    sha512: str
    files: tuple[tuple[str, str], ...]

    @property
    def folder(self) -> str:
        return f"{self.name.replace('/', '-').lstrip('@')}-{self.version}"


MATHJAX = Package(
    "mathjax",
    "3.2.2",
    "Bt+SSVU8eBG27zChVewOicYs7Xsdt40qm4+UpHyX7k0/O9NliPc+x77k1/FEsPsjKPZGJvtRZM1vO+geW0OhGw==",
    (
        ("es5/tex-mml-chtml.js", "mathjax/tex-mml-chtml.js"),
        ("es5/output/chtml", "mathjax/output/chtml"),
        ("es5/input/tex", "mathjax/input/tex"),
        ("es5/a11y", "mathjax/a11y"),
        ("es5/sre/mathmaps/base.json", "mathjax/sre/mathmaps/base.json"),
        ("es5/sre/mathmaps/en.json", "mathjax/sre/mathmaps/en.json"),
    ),
)
REQUIRE = Package(
    "requirejs",
    "2.3.7",
    "DouTG8T1WanGok6Qjg2SXuCMzszOo0eHeH9hDZ5Y4x8Je+9JB38HdTLT4/VA8OaUhBa0JPVHJ0pyBkM1z+pDsw==",
    (("require.js", "require.js"),),
)
WIDGETS = Package(
    "@jupyter-widgets/html-manager",
    "1.0.15",
    "5thBIV6ymNgmPVOHvzx+gGy8ZSKmSazhtGw4/c4xJDVzRhG9PTeQsRjF3FUTopvFi//SABeNz1yp47bCrJ3CQA==",
    (("dist/embed-amd.js", "embed-amd.js"),),
)
AXE = Package(
    "axe-core",
    "4.10.3",
    "Xm7bpRXnDSX2YE2YFfBk2FnF0ep6tmG7xPh8iHee8MIcrgq762Nkce856dYtJYLkuIoYZvGfTs/PbZhideTcEg==",
    (("axe.min.js", "axe.min.js"),),
)
BOOK = (MATHJAX, REQUIRE, WIDGETS)


def collect(packages: tuple[Package, ...], cache: Path, target: Path) -> None:
    """Put the wanted files of some packages into a folder.

    Parameters
    ----------
    packages : tuple of Package
        For the book, `BOOK`.
    cache : Path
        Where packages are kept; one that is there is not fetched again.
    target : Path
        The folder that gets the files, under the book's names.

    Raises
    ------
    VendorError
        If a package cannot be fetched or is not the pinned one.
    """
    for package in packages:
        source = unpacked(package, cache)
        for name, new in package.files:
            place = target / new
            place.parent.mkdir(parents=True, exist_ok=True)
            if (source / name).is_dir():
                shutil.copytree(source / name, place, dirs_exist_ok=True)
            else:
                shutil.copyfile(source / name, place)


def unpacked(package: Package, cache: Path) -> Path:
    """The folder with a package's files, fetched if it is not in the cache."""
    folder = cache / package.folder
    if folder.is_dir():
        return folder
    cache.mkdir(parents=True, exist_ok=True)
    archive = fetch(package, cache)
    verify(archive.read_bytes(), package)
    # Unpacked beside its place and then moved: a stopped run leaves no half package.
    half = cache / f"{package.folder}.part"
    shutil.rmtree(half, ignore_errors=True)
    with tarfile.open(archive) as tar:
        tar.extractall(half, filter="data")
    (half / "package").rename(folder)
    shutil.rmtree(half)
    archive.unlink()
    return folder


def fetch(package: Package, folder: Path) -> Path:
    """Let npm download the archive of a package; nothing is installed and nothing is run."""
    npm = shutil.which("npm")
    wanted = f"{package.name}@{package.version}"
    if npm is None:
        raise VendorError(
            f"The book serves {wanted} itself, and npm, which fetches it, is not installed. "
            "Install Node.js with npm (on Debian and Ubuntu: sudo apt install npm) and run this "
            "again; it is needed once."
        )
    words = [npm, "pack", wanted, "--ignore-scripts", "--loglevel=error"]
    done = subprocess.run(
        words, cwd=folder, capture_output=True, encoding="utf-8", errors="replace", check=False
    )
    if done.returncode:
        said = done.stderr.strip()[-600:]
        raise VendorError(
            f"npm could not fetch {wanted}: {said}\nIs this computer online? Run this again then."
        )
    return folder / done.stdout.strip().splitlines()[-1]


def verify(content: bytes, package: Package) -> None:
    """Refuse an archive that is not byte for byte the pinned one."""
    seen = base64.b64encode(hashlib.sha512(content).digest()).decode()
    if seen != package.sha512:
        raise VendorError(
            f"The archive of {package.name}@{package.version} is not the one that this course was "
            f"made with: its SHA-512 is {seen}, and {package.sha512} is wanted. Do not use it; "
            "fetch it over another connection."
        )
