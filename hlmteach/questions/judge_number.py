"""Judging a typed number: right, nearly, a known mistake, or none that is known."""

import math

from .cases import Case, tolerance
from .numbers import Reading, read
from .question import ALLOWANCE, Misconception

FEW = 3  # digits below which several answers may round to what was typed
CAP = 0.005  # relative; digits typed never buy more than this
Look = tuple[str, tuple[str, ...], str]

UNKNOWN = "This is not one of the mistakes I know."
RIGHT = "That is the right answer for your data."
# One person divides a variance by n, the next by n - 1, and a fit has its own last digits; known
# mistakes lie further away than this (cases.py sees to it).
WIDE = {"variance": 2.0}
MANY = 6  # digits: nobody rounded this number
FAR = 0.25  # relative; a share of 0.72 rounds to 1, and anybody may guess that
ZERO = 0.005  # half a unit of the last place: a zero with two decimals or more is a rounded number


def look(made: Case, typed: str) -> Look:
    """(status, ids of the mistakes, message) for a typed number."""
    try:
        readings = read(typed)
    except ValueError as error:
        return "unreadable", (), str(error)
    if typed in ("yes", "no"):
        return "unreadable", (), "You passed True or False; the question asks for a number."
    if not readings:
        shown = typed if len(typed) <= 40 else typed[:40] + "..."
        return "unreadable", (), f'I find no number in "{shown}". Type one, such as 0.5 or "0,5".'
    if not all(math.isfinite(r.value) for r in readings):
        return "unreadable", (), "This number is too large to be read."
    if made.question.kind == "count":
        return _best([_count(made, reading) for reading in readings])
    return _best([_padded(made, form) for reading in readings for form in _forms(made, reading)])


def digits(typed: str) -> int:
    """Significant digits that were surely typed; zeros at the end may be padding."""
    try:
        return max((reading.sure for reading in read(typed)), default=0)
    except ValueError:
        return 0


def agrees(made: Case, typed: str, value: float) -> bool:
    """Was this number typed, to three digits or more, and surely no other that is known?"""
    allowance = ALLOWANCE[made.question.quantity]
    return any(
        form.digits >= FEW
        and _fits(form, value, allowance)
        and not _fits(form, made.answer, allowance)
        and not _nearer(made.wrong, value, form)
        for form in readings_of(made, typed)
    )


def readings_of(made: Case, typed: str) -> list[Reading]:
    """What was typed, in the question's unit; more than one where it may be read in two ways."""
    return [form for reading in read(typed) for form, _ in _forms(made, reading)]


_ORDER = ("right", "wrong", "coarse", "unknown")


def _best(looks: list[Look]) -> Look:
    return min(looks, key=lambda one: _ORDER.index(one[0]))


# ------------------------------------------------------------------------- units


def _scaled(reading: Reading, factor: float) -> Reading:
    half, loose = reading.half * factor, reading.loose * factor
    return Reading(reading.value * factor, half, loose, reading.digits, sure=reading.sure)


def _forms(made: Case, reading: Reading) -> list[tuple[Reading, str]]:
    """The reading in the question's unit, and in the other one with what to say about it."""
    unit = made.question.unit
    if reading.percent and unit != "percent":
        return [(_scaled(reading, 0.01), "")]
    if reading.percent or not unit:
        return [(reading, "")]
    if unit == "share":
        return [(reading, ""), (_scaled(reading, 0.01), "share")]
    return [(reading, ""), (_scaled(reading, 100.0), "percent")]


_UNIT = {
    "share": "You typed a percentage; a share between 0 and 1 is asked. Divide by 100.",
    "percent": "You typed a share between 0 and 1; per cent are asked. Multiply by 100.",
}
_UNIT_ID = {"share": "percent-for-share", "percent": "share-for-percent"}


def _padded(made: Case, form: tuple[Reading, str]) -> Look:
    """The number as typed, and if that tells nothing, without the zeros at its end."""
    reading, note = form
    as_typed = _unit(made, form)
    if not reading.padded or reading.sure >= FEW:
        return as_typed
    loose = _unit(made, (reading.unpadded(), note))
    if as_typed[0] == "right":
        exact = abs(reading.value - made.answer) <= reading.half
        return as_typed if exact or loose[0] == "right" else ("coarse", (), PADDED)
    if loose[0] in ("right", "coarse"):
        loose = ("coarse", (), PADDED)
        if as_typed[0] == "wrong":
            return "wrong", as_typed[1], f"{as_typed[2]} If you have rounded, give one more digit."
    return loose if as_typed[0] == "unknown" else as_typed


PADDED = "Nearly: that is right as far as it goes, but it is rounded too far. Give one more digit."


def _unit(made: Case, form: tuple[Reading, str]) -> Look:
    reading, note = form
    status, diagnosis, message = _judge(made, reading)
    if not note or status == "unknown":
        return status, diagnosis, message
    if status == "wrong":
        return status, diagnosis, f"{message} {_UNIT[note]}"
    return "wrong", (_UNIT_ID[note],), _UNIT[note]


# ------------------------------------------------------------------------- one reading


def _judge(made: Case, reading: Reading) -> Look:
    if reading.value == 0 and made.answer != 0 and 0 < reading.half <= ZERO:
        return _zero(made, reading)
    allowance = ALLOWANCE[made.question.quantity]
    wide = WIDE.get(made.question.quantity, 1.0) if reading.digits >= MANY else 1.0
    right = _fits(reading, made.answer, wide * allowance)
    wrong = [pair for pair in made.wrong if _fits(reading, pair[1], min(allowance, 1e-3))]
    if reading.digits >= FEW:
        rivals = made.wrong if allowance > 1e-3 else wrong
        if right and not _nearer(rivals, made.answer, reading):
            return "right", (), RIGHT
        if not wrong and allowance > 1e-3:
            wrong = [pair for pair in made.wrong if _fits(reading, pair[1], allowance)]
        return _diagnose(wrong) if wrong else _nearly(made, reading)
    if right and not wrong:
        far = abs(reading.value - made.answer) > FAR * abs(made.answer)
        return ("coarse", (), PADDED) if far else ("right", (), RIGHT)
    if right:
        return "coarse", (), MORE_DIGITS
    exact = [pair for pair in wrong if abs(reading.value - pair[1]) <= 1e-3 * abs(pair[1])]
    if reading.digits == 1 and wrong and not exact:
        return "unknown", (), "One digit is too little to say more. Give three digits."
    likely = exact if reading.digits == 1 else exact + [p for p in wrong if p not in exact]
    return _diagnose(likely, rounded=True) if wrong else _nearly(made, reading)


def _zero(made: Case, reading: Reading) -> Look:
    """A zero such as 0.00: what rounds to it?"""
    if abs(made.answer) <= reading.half:
        return "coarse", (), ROUNDED_TO_ZERO
    wrong = [pair for pair in made.wrong if abs(pair[1]) <= reading.half]
    return _diagnose(wrong, rounded=True) if wrong else ("unknown", (), UNKNOWN)


ROUNDED_TO_ZERO = (
    "That is right as far as it goes, but all its digits are rounded away. Give three digits after "
    "the zeros, or the unrounded value."
)
MORE_DIGITS = (
    "That is right as far as it goes, but a known mistake gives the same after rounding. Give at "
    "least three digits, or the unrounded value (Python drops zeros at the end)."
)


def _fits(reading: Reading, target: float, allowance: float) -> bool:
    """Does the target, rounded as the reading was, give the reading?"""
    size, half = abs(target), reading.half * (1 + 1e-9)
    if reading.digits >= FEW and half > CAP * size:
        half = CAP * size
    return abs(reading.value - target) <= half + allowance * size + 1e-12


def _nearer(wrong: list[tuple[Misconception, float]], right: float, reading: Reading) -> bool:
    return any(abs(reading.value - value) < abs(reading.value - right) for _, value in wrong)


def _diagnose(wrong: list[tuple[Misconception, float]], rounded: bool = False) -> Look:
    """The mistake, or the first two where several give the same number."""
    found = list({m.id: m for m, _ in wrong}.values())  # variants of a mistake count once
    first, message = found[:2], found[0].message
    if len(found) > 1:
        says = "Two mistakes give this number."
        if rounded:
            many = "Two" if len(found) == 2 else "Several"
            says = f"{many} mistakes round to this number; one more digit tells them apart."
        message = f"{says} Either: {message} Or: {first[1].message}"
    return "wrong", tuple(m.id for m in first), message


def _nearly(made: Case, reading: Reading) -> Look:
    """Right but for the rounding? Else it is no mistake that is known."""
    gap = abs(reading.value - made.answer)
    if any(abs(reading.value - value) <= gap for _, value in made.wrong):
        return "unknown", (), UNKNOWN
    zeros = reading.loose > reading.half and gap <= reading.loose
    cut = gap < 2 * reading.half and abs(reading.value) < abs(made.answer)
    if zeros or (cut and reading.digits >= 2 and gap <= 10 * CAP * abs(made.answer)):
        return "coarse", (), "Nearly: it is cut off or rounded too far. Give one more digit."
    if gap <= max(CAP * abs(made.answer), tolerance(made.answer, 0.0)):
        return (
            "coarse",
            (),
            (
                "You are within half a per cent. Did you compute with rounded numbers? Keep all "
                "digits until the end."
            ),
        )
    return "unknown", (), UNKNOWN


# ------------------------------------------------------------------------- counts


def _count(made: Case, reading: Reading) -> Look:
    if reading.value != round(reading.value):
        return "unknown", (), "A count is a whole number."
    if reading.value == made.answer:
        return "right", (), RIGHT
    wrong = [pair for pair in made.wrong if reading.value == pair[1]]
    return _diagnose(wrong) if wrong else ("unknown", (), UNKNOWN)
