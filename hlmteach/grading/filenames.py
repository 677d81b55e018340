"""A file name for any student id, the same everywhere, and never two the same."""

import hashlib
import re

from hlmteach.questions.students import normalise

LONGEST = 60
_PLAIN = re.compile(r"[a-z0-9][a-z0-9@_.+-]*\Z")
# Names that Windows keeps for devices.
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|\Z)")


def file_name(student: object) -> str:
    """A name for files and folders.

    Ids of plain letters, digits and `@ . _ + -` stay as they are; others lose what a file system
    might refuse, and get eight letters of a digest so that no two are the same.

    Examples
    --------
    >>> file_name("Jo@Example.org"), file_name("../etc/passwd")
    ('jo@example.org', 'etc-passwd-7fef78f5')
    """
    text = normalise(student)
    fine = _PLAIN.match(text) and len(text) <= LONGEST and not text.endswith(".")
    if fine and ".." not in text and not _DEVICES.match(text):
        return text
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    short = re.sub(r"[^a-z0-9@_]+", "-", text).strip("-_")[: LONGEST - 9].strip("-_")
    return f"{short}-{digest}" if short else f"student-{digest}"
