"""The references: read from chapters/references.bib, written to chapters/references.md, looked up.

`hlmteach build` writes references.md; nobody edits it. `citations` finds what a chapter cites, such
as "Snijders & Bosker (2012)" or "(Moulton, 1986)", so that a test can look each up.
"""

import re
import textwrap
import unicodedata
from dataclasses import dataclass
from pathlib import Path

SOURCE, TARGET = "references.bib", "references.md"
WIDTH = 100
# Keyword of the entries -> heading of their section; without a keyword: cited in the chapters.
SECTIONS = {
    "recommended": "The two books that the article recommends",
    "": "Cited in the chapters",
    "source": "Data and software",
}
_PARTICLE = r"(?:(?:[Vv]an|[Vv]on|[Dd]er|[Dd]en|[Dd]e|[Ll]a|[Tt]e|[Dd]i)\s+)"
_NAME = rf"{_PARTICLE}*[A-ZÀ-ÖØ-Þ][\w’'-]*\w"
_AUTHORS = rf"{_NAME}(?:,\s+{_NAME})*(?:,?\s+(?:&|and)\s+{_NAME}|\s+et\s+al\.)?"
_CITATION = re.compile(rf"\b({_AUTHORS})(?:,\s+|\s+\()((?:19|20)\d\d)\b")
_CODE = re.compile(r"^```.*?^```", flags=re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Entry:
    """One entry of the .bib file.

    Attributes
    ----------
    key : its name in the file
    kind : article, book, incollection or misc
    authors, editors : (last name with its particle, initials) of each
    fields : the other fields, as they stand
    """

    key: str
    kind: str
    authors: tuple[tuple[str, str], ...]
    editors: tuple[tuple[str, str], ...]
    fields: dict[str, str]

    @property
    def section(self) -> str:
        return self.fields.get("keywords", "")

    @property
    def year(self) -> str:
        return self.fields.get("year", "")

    @property
    def names_in_text(self) -> set[str]:
        """What may stand before the year in a text: "A, B & C", and "A et al." for three or more.

        Examples
        --------
        >>> people = (("Kreft", "I. G. G."), ("de Leeuw", "J."), ("Aiken", "L. S."))
        >>> sorted(Entry("k", "misc", people, (), {}).names_in_text)
        ['Kreft et al.', 'Kreft, de Leeuw & Aiken']
        """
        last = [name for name, _ in self.authors]
        if not last:
            return set()
        found = {" & ".join(filter(None, [", ".join(last[:-1]), last[-1]]))}
        return found | ({f"{last[0]} et al."} if len(last) > 2 else set())


def read(path: Path) -> list[Entry]:
    """The entries of a .bib file, in its order.

    Raises
    ------
    ImportError
        If pybtex is not installed.
    """
    try:
        from pybtex.database import parse_file
    except ModuleNotFoundError:
        raise ImportError(
            'Reading references.bib needs pybtex. Type: pip install "hlmteach[test]"'
        ) from None
    found = parse_file(str(path), bib_format="bibtex").entries
    return [
        Entry(key, e.type, *(_people(e, role) for role in ("author", "editor")), dict(e.fields))
        for key, e in found.items()
    ]


def _people(entry: object, role: str) -> tuple[tuple[str, str], ...]:
    return tuple(
        (
            " ".join([*person.prelast_names, *person.last_names]).strip("{}"),
            " ".join([*person.first_names, *person.middle_names]),
        )
        for person in entry.persons.get(role, [])
    )


def markdown(entries: list[Entry]) -> str:
    """The page of references, section by section, authors in alphabetical order."""
    parts = ["# References"]
    for keyword, heading in SECTIONS.items():
        chosen = [entry for entry in entries if entry.section == keyword]
        if keyword != "source":
            chosen.sort(key=_order)
        parts += [f"## {heading}", *(_wrapped(as_text(entry)) for entry in chosen)]
    return "\n\n".join(parts) + "\n"


def as_text(entry: Entry) -> str:
    """One entry in APA style, in Markdown.

    Examples
    --------
    >>> fields = {"year": "1965", "title": "Survey sampling", "publisher": "Wiley"}
    >>> as_text(Entry("kish", "book", (("Kish", "L."),), (), fields))
    'Kish, L. (1965). *Survey sampling*. Wiley.'
    """
    f = entry.fields
    label = f"{f['label']}: " if "label" in f else ""
    if not entry.authors:
        return f"{label}{f['note']}."
    head = f"{_list(entry.authors, 'A, I.')} ({entry.year})."
    where = {"article": _journal, "book": _book, "incollection": _chapter}.get(entry.kind, _other)
    doi = f" <https://doi.org/{f['doi']}>" if "doi" in f else ""
    note = f" {f['annotation']}" if "annotation" in f else ""
    return f"{label}{head} {where(entry)}{doi}{note}"


def _journal(entry: Entry) -> str:
    f = entry.fields
    volume = f", {f['volume']}" if "volume" in f else ""  # not yet, where first put online
    number = f"({f['number']})" if "number" in f else ""
    pages = f", {_pages(entry)}" if "pages" in f else ""
    return f"{_sentence(f['title'])} *{f['journal']}*{volume}{number}{pages}."


def _book(entry: Entry) -> str:
    f = entry.fields
    edition = f" ({f['edition']} ed.)" if "edition" in f else ""
    return f"*{f['title']}*{edition}. {f['publisher']}."


def _chapter(entry: Entry) -> str:
    f = entry.fields
    volume = f"Vol. {f['volume']}, " if "volume" in f else ""
    editors = _list(entry.editors, "I. A")
    place = f"*{f['booktitle']}* ({volume}pp. {_pages(entry)})"
    return f"{_sentence(f['title'])} In {editors} (Eds.), {place}. {f['publisher']}."


def _other(entry: Entry) -> str:
    return f"{_sentence(entry.fields['title'])} {entry.fields['howpublished']}."


def _sentence(title: str) -> str:
    return title if title[-1] in "?!." else f"{title}."


def _pages(entry: Entry) -> str:
    return entry.fields["pages"].replace("--", "–")


def _list(people: tuple[tuple[str, str], ...], form: str) -> str:
    """Names with initials, "A, I., & B, J." (authors) or "I. A & J. B" (editors)."""
    if form == "I. A":
        return " & ".join(f"{initials} {last}" for last, initials in people)
    written = [", ".join(filter(None, person)) for person in people]
    return ", & ".join(filter(None, [", ".join(written[:-1]), written[-1]]))


def _order(entry: Entry) -> tuple:
    return ([_plain(last + initials) for last, initials in entry.authors], entry.year)


def _plain(name: str) -> str:
    """Without accents and capitals, for sorting."""
    letters = unicodedata.normalize("NFKD", name)
    return "".join(c for c in letters if not unicodedata.combining(c)).casefold()


def _wrapped(text: str) -> str:
    return textwrap.fill(text, WIDTH, break_long_words=False, break_on_hyphens=False)


def refresh(folder: Path, check: bool = False) -> list[str]:
    """Write references.md of a folder from its references.bib, or with `check` say if it is stale.

    Returns
    -------
    list of str
        One sentence a problem; empty where all is well or the folder has no references.bib.
    """
    if not (folder / SOURCE).exists():
        return []
    try:
        text = markdown(read(folder / SOURCE))
    except ImportError as error:
        return [str(error)]
    target = folder / TARGET
    if target.exists() and target.read_text(encoding="utf-8") == text:
        return []
    if check:
        return [f"{TARGET} is not what {SOURCE} gives; run `hlmteach build`"]
    target.write_text(text, encoding="utf-8", newline="\n")
    print(f"  {folder.name}/{TARGET} written")
    return []


def citations(text: str) -> list[tuple[str, str]]:
    """(authors, year) of what a text cites, code left out, in order, each once.

    Examples
    --------
    >>> citations("Snijders & Bosker (2012, chapter 4) differ (Kreft, de Leeuw and Aiken, 1995).")
    [('Snijders & Bosker', '2012'), ('Kreft, de Leeuw & Aiken', '1995')]
    """
    found = _CITATION.findall(_CODE.sub("", text))
    tidy = [(re.sub(r",? and | & ", " & ", " ".join(who.split())), year) for who, year in found]
    return list(dict.fromkeys(tidy))


def known(citation: tuple[str, str], entries: list[Entry]) -> list[Entry]:
    """The entries that a citation may mean."""
    who, year = citation
    return [e for e in entries if e.year == year and who in e.names_in_text]
