"""Fetch a file once, keep it in a cache, never trust it unchecked.

pooch gives the cache's place, the transfer and its progress bar. Three things it does not do are
here: the check against a git blob id, patience only where it helps (a 404 stays a 404), and
messages for people. A download restarts from the beginning: the files are a few megabytes.
"""

import os
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from types import ModuleType
from urllib.parse import urlsplit

from tqdm import tqdm

from hlmteach.datasets._files import URL_VARIABLE, DataFile, blob_id, what_is_wrong

CACHE_VARIABLE = "HLMTEACH_DATA"
TIMEOUT = (10, 60)  # seconds to connect, seconds between two packets
WAITS = (1.0, 3.0)  # seconds before the second and the third attempt
ABANDONED = 3600  # seconds after which a part file belongs to nobody: TIMEOUT keeps live ones fresh
PATIENCE = 30  # seconds that a busy server may ask us to wait
WORTH_RETRYING = {408, 429, 500, 502, 503, 504}


def optional(name: str) -> ModuleType:
    """Import a library of the extra `pisa`, or say how to install it."""
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        raise ImportError(
            f"Real PISA data need the library {name}, which is not installed. "
            'Type: pip install "hlmteach[pisa]"'
        ) from None


def cache_folder() -> Path:
    """Where downloads are kept: the environment variable HLMTEACH_DATA, or the system's cache."""
    chosen = os.environ.get(CACHE_VARIABLE)
    return Path(chosen).expanduser() if chosen else Path(optional("pooch").os_cache("hlmteach"))


def fetch(file: DataFile) -> Path:
    """Return the verified file in the cache; download it first if it is not there or damaged.

    The download goes to a `.part` file beside the target and takes its name only once its content
    is verified, in one step: a reader or a second process never sees half a file.

    Raises
    ------
    ConnectionError
        The server cannot be reached, refuses, or breaks off.
    OSError
        What arrived is not the expected file, or the cache folder cannot be used.
    """
    target = cache_folder() / file.name
    try:
        if _is_right(target, file):
            return target
        target.parent.mkdir(parents=True, exist_ok=True)
        _sweep(target.parent)
        with _part_of(target) as part:
            _download(file, part)
            _verify(part, file)
            _move(part, target, file)
    except ConnectionError:
        raise
    except OSError as error:
        if error.errno is None:  # one of our own messages, not the system's
            raise
        raise OSError(
            f"The folder for downloads, '{target.parent}', cannot be used: {error}. Free some "
            f"space or choose another folder with the environment variable {CACHE_VARIABLE}."
        ) from None
    return target


def _is_right(target: Path, file: DataFile) -> bool:
    return target.is_file() and blob_id(target) == file.blob


@contextmanager
def _part_of(target: Path) -> Iterator[Path]:
    # No tempfile here: it makes files that only their owner can read, and caches are shared.
    part = target.with_name(f"{target.name}.{uuid.uuid4().hex[:8]}.part")
    try:
        yield part
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _sweep(folder: Path) -> None:
    """Delete the part files of downloads that were killed before they could tidy up."""
    for part in folder.glob("*.part"):
        with suppress(OSError):
            if time.time() - part.stat().st_mtime > ABANDONED:
                part.unlink()


def _move(part: Path, target: Path, file: DataFile) -> None:
    try:
        os.replace(part, target)
    except PermissionError:  # Windows, while another process reads the copy it has just made
        if not _is_right(target, file):
            raise


class _Bar(tqdm):
    """A progress bar that counts as true: pooch asks "is there a bar?", tqdm hears "any rows?"."""

    def __bool__(self) -> bool:
        return True


def _transfer(file: DataFile, part: Path) -> None:
    headers = {"User-Agent": "hlmteach", "Accept-Encoding": "identity"}
    with _Bar(desc=file.name, unit="B", unit_scale=True) as bar:
        transfer = optional("pooch").HTTPDownloader(
            progressbar=bar, chunk_size=1 << 16, timeout=TIMEOUT, headers=headers
        )
        transfer(file.url, str(part), None)


def _download(file: DataFile, part: Path) -> None:
    errors = optional("requests.exceptions")
    for wait in (*WAITS, None):
        try:
            return _transfer(file, part)
        except errors.RequestException as error:
            fault = _fault(error, file.url, part)
            if wait is None or not _worth_retrying(error):
                raise ConnectionError(f"{file.name}: {fault} {_by_hand(file)}") from None
            wait = max(wait, _asked_to_wait(error))
            print(f"{file.name}: {fault} Trying again in {wait:g} s.", file=sys.stderr)
            time.sleep(wait)


def _verify(part: Path, file: DataFile) -> None:
    if fault := what_is_wrong(part, file):
        raise OSError(
            f"{file.name}: what {file.url} sent {fault}. Nothing was kept. Try again later or on "
            "another network; if it stays so, report it to the course's authors. "
            f"Until then pisa_like() serves the same lessons.{_mirror()}"
        )


def _worth_retrying(error: Exception) -> bool:
    errors = optional("requests.exceptions")
    if isinstance(error, errors.HTTPError):
        return error.response.status_code in WORTH_RETRYING
    broken = (errors.ConnectionError, errors.Timeout, errors.ChunkedEncodingError)
    return isinstance(error, broken) and not isinstance(error, errors.SSLError)


def _asked_to_wait(error: Exception) -> float:
    response = getattr(error, "response", None)
    asked = "" if response is None else response.headers.get("Retry-After", "")
    return min(int(asked), PATIENCE) if asked.isdecimal() else 0


def _fault(error: Exception, url: str, part: Path) -> str:
    """Say in one or two sentences what went wrong on the way."""
    errors, host = optional("requests.exceptions"), urlsplit(url).netloc
    if isinstance(error, errors.HTTPError):
        return _refusal(error.response, url)
    if isinstance(error, errors.SSLError):
        return f"{host} showed a certificate that cannot be verified; ask who runs your network."
    if isinstance(error, errors.ProxyError):
        return f"the proxy on the way to {host} refused; check HTTPS_PROXY or ask who runs it."
    if isinstance(error, errors.Timeout) or "timed out" in str(error):
        return f"{host} did not answer in time; the network is slow or blocks it."
    if isinstance(error, errors.ChunkedEncodingError) or "aborted" in str(error):
        size = part.stat().st_size if part.exists() else 0
        return f"the connection to {host} broke off; {size:,} bytes had come."
    if isinstance(error, errors.ConnectionError):
        return f"{host} cannot be reached; check that this computer is online."
    return f"{url} is not an address to download from ({type(error).__name__}).{_mirror()}"


def _refusal(response, url: str) -> str:
    seen = f"{url} answered {response.status_code} {response.reason}."
    if response.status_code == 404:
        return f"{seen} The file is not at that address.{_mirror()}"
    if response.status_code in WORTH_RETRYING:
        return f"{seen} The server is busy or in trouble; try again in a few minutes."
    return f"{seen} The server, or a filter on your network, refuses.{_mirror()}"


def _mirror() -> str:
    base = os.environ.get(URL_VARIABLE)
    return f" {URL_VARIABLE} is set to {base!r}: check or unset it." if base else ""


def _by_hand(file: DataFile) -> str:
    return (
        f"Nothing was kept. When {file.url} opens in a browser, save it, put all files of the "
        "year into one folder and pass path='that/folder'. pisa_like() needs no network and "
        "serves the same lessons."
    )
