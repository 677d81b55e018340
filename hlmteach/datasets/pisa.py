"""The real PISA, as two tables: see the docstring of `pisa` for the codebook."""

import difflib
import operator
import os
from collections.abc import Iterable

import pandas as pd

from hlmteach.datasets._download import fetch, optional
from hlmteach.datasets._files import SCHOOL_FILE, YEARS, DataFile, in_folder, student_file

_STUDENT_FACTORS = [
    "mother_educ", "father_educ", "gender", "computer", "internet", "desk", "room", "dishwasher",
    "television", "computer_n", "car", "book",
]  # fmt: skip
_STUDENT_NUMBERS = ["math", "read", "science", "stu_wgt", "wealth", "escs"]
_SCHOOL_NUMBERS = [
    "fund_gov", "fund_fees", "fund_donation", "enrol_boys", "enrol_girls", "stratio",
    "staff_shortage", "sch_wgt", "school_size",
]  # fmt: skip
_KEY = ["year", "country", "school_id"]
_STUDENT_COLUMNS = {*_KEY, "student_id", *_STUDENT_FACTORS, *_STUDENT_NUMBERS}
_SCHOOL_COLUMNS = {*_KEY, "public_private", *_SCHOOL_NUMBERS}


def pisa(
    year: int,
    country: str | Iterable[str] | None = None,
    path: str | os.PathLike | None = None,
    *,
    verify: bool = True,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Real PISA data of one year: a table of students and a table of schools.

    The Programme for International Student Assessment tests 15-year-olds in mathematics, reading
    and science: schools are drawn first, then students within them. The data are the OECD's, in
    the form prepared by the R package learningtower, at a pinned commit. The first call of a year
    downloads its files (some megabytes) and keeps them; later calls need no network. Every file
    is checked, at every call, against the fingerprint of the pinned commit.

    Parameters
    ----------
    year : int
        2000, 2003, 2006, 2009, 2012, 2015, 2018 or 2022.
    country : str or list of str, optional
        Three-letter code such as "USA", in either case, or a list of them; None for all.
    path : str or path, optional
        A folder that already holds the files, flat: student_YEAR.rds and school.rda. None for
        the cache of this computer, filled by a download where needed. The environment variable
        HLMTEACH_DATA chooses another cache folder, HLMTEACH_PISA_URL another place to download
        from (below it: student_full_data/student_YEAR.rds and data/school.rda).
    verify : bool
        False reads the files in `path` as they are, even if they are another release or a
        selection of rows; what this docstring says may then not hold.

    Returns
    -------
    students : pandas.DataFrame
        One row per student; columns below.
    schools : pandas.DataFrame
        One row per school, same year and countries; columns below.

    Raises
    ------
    ValueError, TypeError
        The year or the country is not one that PISA has; the message lists those it has.
    FileNotFoundError, NotADirectoryError, PermissionError
        `path` is not a folder with the files.
    ConnectionError
        The files cannot be downloaded.
    OSError
        A file is cut short or changed, or the cache folder cannot be used.
    ImportError
        The extra is missing: pip install "hlmteach[pisa]".

    Notes
    -----
    **The two tables belong together by (year, country, school_id).** Up to 2012 a school_id
    repeats across countries (2003: 1,124 ids for 10,274 schools), so join on all three.

    Students. The questions are those of 2018 (of 2003 in brackets).

    =========== ============ =====================================================================
    column      type         meaning
    =========== ============ =====================================================================
    year        int          cycle
    country     category     three-letter code; Q.. and a few others are regions or old codes
    school_id   text         id of the school within year and country, leading zeros kept
    student_id  text         id of the student within year, country and school
    mother_educ category     mother's schooling, ST005Q01 [ST11R01]; ISCED 3A is the highest
    father_educ category     father's schooling, ST007Q01 [ST13R01]
    gender      category     female, male; ST004D01 [ST03Q01]
    computer    category     a computer at home to use for school work, ST011Q04 [ST17Q04]
    internet    category     a link to the Internet at home, ST011Q06 [ST17Q06]
    math        PISA points  mathematics, plausible value 1 (PV1MATH)
    read        PISA points  reading, plausible value 1 (PV1READ)
    science     PISA points  science, plausible value 1 (PV1SCIE)
    stu_wgt     students     final weight: how many students this one stands for (W_FSTUWT)
    desk        category     a desk to study at, at home, ST011Q01 [ST17Q01]; an item of escs too
    room        category     a room of one's own, ST011Q02 [ST17Q02]
    dishwasher  category     a dishwasher at home [ST17Q13]
    television  category     televisions at home: 0, 1, 2, 3+; ST012Q01
    computer_n  category     computers at home: 0, 1, 2, 3+; ST012Q06
    car         category     cars at home: 0, 1, 2, 3+; ST012Q02
    book        category     books at home, ST013Q01 [ST19Q01]; 2000 has other bounds
    wealth      index        family wealth (WEALTH)
    escs        index        economic, social and cultural status (ESCS); about 0 and SD 1 over
                             OECD countries in the cycle that set the scale
    =========== ============ =====================================================================

    Schools. As the head of the school answered.

    ============== ======== ======================================================================
    column         type     meaning
    ============== ======== ======================================================================
    year           int      cycle
    country        category as above
    school_id      text     as above
    fund_gov       percent  of the year's funding from government, SC016Q01 [SC04Q01]
    fund_fees      percent  from fees paid by parents, SC016Q02 [SC04Q02]
    fund_donation  percent  from donations, bequests, sponsors, SC016Q03 [SC04Q03]
    enrol_boys     boys     enrolled, SC002Q01 [SC02Q01]
    enrol_girls    girls    enrolled, SC002Q02 [SC02Q02]
    stratio        ratio    students per teacher (STRATIO)
    public_private category private, public; SC013Q01 [SC03Q01]
    staff_shortage index    shortage of teaching staff, higher is worse (TCSHORT; 2015 and 2018
                            STAFFSHORT). **2022 is another thing**: a share between 0 and 1, in
                            learningtower the share of teachers without full certification
    sch_wgt        schools  final weight: how many schools this one stands for
    school_size    students enrolled in all (SCHSIZE)
    ============== ======== ======================================================================

    Missing for everyone: 2000 mother_educ, father_educ, computer; 2003 television, computer_n,
    car, wealth; 2015 and 2018 dishwasher; 2022 desk, dishwasher, wealth, sch_wgt. In 2000 `math`
    is missing for 60 % of the students: not every test booklet had mathematics.

    The files are kept as they are but for this:

    - text, categories, numbers and missing values get their pandas types; categories keep R's
      levels in R's order, used or not, so that the reference level is R's; a factor without a
      single value is a category without levels; `country` has the countries returned, no more;
    - `public_private` has codes instead of labels in 2022. They become labels, 1 private and 2
      public, R's order of the labels and *not* the questionnaire's: over the countries of both
      cycles the private share so read correlates .98 with that of 2018;
    - the student file of 2000 has lost the leading zeros of school_id (1001 for 01001), and 59 %
      of its students would find no school. They are put back to the width of the school table.

    `stratio` has wild values (1,018 students per teacher in 2012): look before you fit.

    References
    ----------
    Data: OECD, PISA database, https://www.oecd.org/pisa/data/. Preparation: learningtower,
    https://github.com/kevinwang09/learningtower. Names of the questions: the tables
    ``variable_curation/*.csv`` of https://github.com/kevinwang09/learningtower_masonry.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> students, schools = hlm.datasets.pisa(2003, country="USA")  # doctest: +SKIP
    >>> len(students), len(schools)  # doctest: +SKIP
    (5456, 274)
    >>> key = ["year", "country", "school_id"]
    >>> data = students.merge(schools, on=key, how="left", validate="m:1")  # doctest: +SKIP
    >>> data = data[["school_id", "math", "desk", "escs", "stratio"]].dropna()  # doctest: +SKIP
    >>> len(data), data["school_id"].nunique()  # doctest: +SKIP
    (4311, 219)
    """
    year, codes = _year(year), _codes(country)
    if path is None and not verify:
        raise ValueError(
            "verify=False is for files of your own: give their folder as path=. "
            "What is downloaded is always verified."
        )
    # Schools first: a mistyped country then costs no download of the students.
    schools = _read(SCHOOL_FILE, _SCHOOL_COLUMNS, path, verify)
    schools = _schools(_select(schools, year, codes, f"PISA {year}"))
    file = student_file(year)
    students = _read(file, _STUDENT_COLUMNS, path, verify)
    students = _students(_select(students, year, codes, file.name))
    return students.assign(school_id=_with_zeros(students, schools)), schools


def _year(year: int) -> int:
    try:
        number = None if isinstance(year, bool) else operator.index(year)
    except TypeError:
        number = None
    if number is None:
        meant = str(year).strip().removesuffix(".0")
        example = meant if meant in map(str, YEARS) else "2018"
        raise TypeError(
            f"year={year!r} is not a whole number but a {type(year).__name__}. "
            f"Write one year without quotes: pisa({example})."
        )
    if number not in YEARS:
        raise ValueError(
            f"There is no PISA of {number}. The years are {', '.join(map(str, YEARS))}."
        )
    return number


def _codes(country: str | Iterable[str] | None) -> list[str] | None:
    """Country codes in capitals, without repeats; None for all countries."""
    if country is None:
        return None
    wanted = [country] if isinstance(country, str) else country
    wanted = list(wanted) if isinstance(wanted, Iterable) else [wanted]
    if odd := [code for code in wanted if not isinstance(code, str)]:
        raise TypeError(
            f"country={odd[0]!r} is not text. "
            'Write three-letter codes as text: country="USA" or country=["USA", "FIN"].'
        )
    if not wanted:
        raise ValueError("country is an empty list. Name a country, or leave it out for all.")
    return list(dict.fromkeys(code.strip().upper() for code in wanted))


def _select(table: pd.DataFrame, year: int, codes: list[str] | None, where: str) -> pd.DataFrame:
    """Rows of one year and of the countries asked for, which must all be there."""
    table = table[table["year"] == year]
    if table.empty:
        raise ValueError(f"{where} has no rows of the year {year}.")
    available = sorted(table["country"].unique())
    if unknown := [code for code in codes or [] if code not in available]:
        close = [c for code in unknown for c in _close(code, available)]
        hint = f"Did you mean {' or '.join(dict.fromkeys(close))}? " if close else ""
        raise ValueError(
            f"{where} has no country {', '.join(map(repr, unknown))}. {hint}"
            f"Its {len(available)} three-letter codes are: {', '.join(available)}."
        )
    if codes is not None:
        table = table[table["country"].isin(codes)]
    return table.reset_index(drop=True)


def _close(code: str, available: list[str]) -> list[str]:
    """Codes that begin alike, as "US" or "FINLAND" do, else codes with like letters."""
    alike = [c for c in available if code and (c.startswith(code) or code.startswith(c))]
    return alike[:3] or difflib.get_close_matches(code, available, n=3, cutoff=0.6)


def _read(
    file: DataFile, columns: set[str], path: str | os.PathLike | None, verify: bool
) -> pd.DataFrame:
    """Read one of R's files. pyreadr, not rdata: the same tables in a thirtieth of the time."""
    pyreadr = optional("pyreadr")
    if path is None:
        place = fetch(file)
    elif isinstance(path, str | os.PathLike):
        place = in_folder(file, path, verify)
    else:
        raise TypeError(f"path={path!r} is not a folder's name. Write it as text: path='data'.")
    try:
        tables = list(pyreadr.read_r(str(place)).values())
    except (pyreadr.PyreadrError, pyreadr.LibrdataError) as error:
        raise OSError(f"'{place}' cannot be read as a file saved by R ({error}).") from None
    lacking = sorted(columns - set(tables[0].columns)) if tables else ["everything"]
    if lacking:
        raise OSError(f"'{place}' is not learningtower's {file.name}: it lacks {lacking}.")
    return tables[0]


def _students(table: pd.DataFrame) -> pd.DataFrame:
    table = _typed(table, text=["school_id", "student_id"], numbers=_STUDENT_NUMBERS)
    # pyreadr gives a factor without a single value as a column of None.
    return table.assign(**{c: table[c].astype("category") for c in _STUDENT_FACTORS})


def _schools(table: pd.DataFrame) -> pd.DataFrame:
    kind = table["public_private"].astype(object).replace({"1": "private", "2": "public"})
    kind = pd.Categorical(kind, categories=["private", "public"])
    table = table.assign(public_private=kind)
    return _typed(table, text=["school_id"], numbers=_SCHOOL_NUMBERS)


def _typed(table: pd.DataFrame, text: list[str], numbers: list[str]) -> pd.DataFrame:
    types = {c: "str" for c in text} | {c: "float64" for c in numbers} | {"year": "int64"}
    # By way of text: the countries present become the categories, in both tables alike.
    return table.astype(types | {"country": "str"}).astype({"country": "category"})


def _with_zeros(students: pd.DataFrame, schools: pd.DataFrame) -> pd.Series:
    """School ids of the students, as wide as those of the school table in the same country."""
    ids = students["school_id"]
    widths = schools["school_id"].str.len().groupby(schools["country"], observed=True).max()
    wanted = students["country"].map(widths.to_dict()).astype("float64")
    lacking = (wanted - ids.str.len()).fillna(0).clip(lower=0).astype(int)
    if not lacking.any():
        return ids
    return (lacking.map(lambda n: "0" * n) + ids).astype("str")
