"""Reading a typed number: what it says, and how exactly it says it."""

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

# As people write them: 1.234,5 and 1,234.5 and .24 and 0,24 and 1e-2 and 12 345.
_NUMBER = re.compile(
    r"(?<![\w.,])[-+]?(?:\d[\d.,']*|[.,]\d+)(?:e[-+]?\d{1,6}(?!\w))?(?![\d])", re.IGNORECASE
)
_GROUPED = re.compile(r"(?<=\d)[\s_](?=\d{3}(?!\d))")
MOST_POWER = 15  # of ten, that is written out
EXACT = 3  # digits of a zero: it is right only where the answer is zero
_MINUS = {"\u2212": "-", "\u2013": "-", "\u066b": ".", "\u066c": "", "\u066a": "%"}
_WIDE = {"\uff0e": ".", "\uff0c": ",", "\uff0d": "-", "\uff0b": "+", "\uff05": "%"}
_PLAIN = str.maketrans(_MINUS | _WIDE)


@dataclass(frozen=True)
class Reading:
    """One reading of what was typed.

    Attributes
    ----------
    value : the number
    half : half a unit in the last place typed
    loose : the same if zeros at the end are only there to fill the places
    digits : significant digits typed
    percent : was a percent sign (or the word) there?
    sure : significant digits if zeros at the end do not count
    """

    value: float
    half: float
    loose: float
    digits: int
    percent: bool = False
    sure: int = EXACT

    @property
    def padded(self) -> bool:
        """May the zeros up to the decimal point come from rounding, or from Python (48.0)?"""
        return self.loose > self.half and self.loose >= 0.5

    def unpadded(self) -> "Reading":
        """What was typed, if its zeros at the end only fill the places."""
        return Reading(self.value, self.loose, self.loose, self.sure, self.percent, self.sure)


def read(text: str) -> list[Reading]:
    """All sensible readings of a typed number, the likeliest first; none if there is no number.

    Parameters
    ----------
    text : such as "0.24", "0,24", "24 %", "ICC = .24", "1.234,5"

    Raises
    ------
    ValueError
        If there are several numbers; the message names them.

    Examples
    --------
    >>> [(r.value, r.digits, r.percent) for r in read(" 24,0 % ")]
    [(24.0, 3, True)]
    >>> [r.value for r in read("1,234")]
    [1.234, 1234.0]
    """
    plain = _plain(text)
    found = [match.group() for match in _NUMBER.finditer(plain)]
    if len(found) > 1:
        raise ValueError(f"I see {len(found)} numbers ({', '.join(found[:3])}); give one.")
    percent = "%" in plain or "percent" in plain.lower() or "prozent" in plain.lower()
    return [_reading(form, percent) for form in (_forms(found[0]) if found else [])]


def _plain(text: str) -> str:
    """Digits of any script as 0-9, one kind of minus, no spaces between thousands."""
    if not (text.isascii() and text.isprintable()):
        text = text.translate(_PLAIN)
        digits = (str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)
        text = "".join(" " if c.isspace() else c for c in digits)
    plain = re.sub(r"(?<![\w.,])([-+])\s+(?=[\d.,])", r"\1", text)
    return _GROUPED.sub("", plain).strip()


def _forms(typed: str) -> list[str]:
    """The number with a point for the decimals; two forms where a comma may be either."""
    typed = typed.replace("'", "").rstrip(".,") or typed
    head, e, power = typed.lower().partition("e")
    dots, commas = head.count("."), head.count(",")
    if dots and commas:
        last = max(head.rfind("."), head.rfind(","))
        forms = [head[:last].replace(".", "").replace(",", "") + "." + head[last + 1 :]]
    elif dots + commas > 1:
        forms = [head.replace(".", "").replace(",", "")]
    elif commas:
        forms = [head.replace(",", ".")]
        if re.fullmatch(r"[-+]?[1-9]\d{0,2},\d{3}", head):
            forms.append(head.replace(",", ""))
    else:
        forms = [head]
    return [form + e + power for form in forms]


def _written_out(form: str) -> str:
    """5e1 as 50: a power of ten does not make a digit count for more."""
    power = int(form.partition("e")[2] or 0)
    return f"{Decimal(form):f}" if 0 < power <= MOST_POWER else form


def _reading(form: str, percent: bool) -> Reading:
    form = _written_out(form)
    head, _, power = form.partition("e")
    scale = 10.0 ** min(int(power or 0), 300)
    whole, _, decimals = head.lstrip("+-").partition(".")
    digits = (whole + decimals).lstrip("0")
    half = 0.5 * 10.0 ** -len(decimals) * scale
    zeros = len(digits) - len(digits.rstrip("0"))
    loose = half * 10.0 ** min(zeros, 300)
    if not decimals:  # 1490 may well be 1488, rounded to three digits
        half *= 10.0 ** min(zeros, max(len(digits) - 3, 0), 300)
    return Reading(
        float(form), half, loose, len(digits) or EXACT, percent, len(digits) - zeros or EXACT
    )
