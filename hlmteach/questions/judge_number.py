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
    return _best([_unit(made, form) for reading in readings for form in _forms(made, reading)])


_ORDER = ("right", "wrong", "coarse", "unknown")


def _best(looks: list[Look]) -> Look:
    return min(looks, key=lambda one: _ORDER.index(one[0]))


# ------------------------------------------------------------------------- units


def _scaled(reading: Reading, factor: float) -> Reading:
    half, loose = reading.half * factor, reading.loose * factor
    return Reading(reading.value * factor, half, loose, reading.digits)


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
    allowance = ALLOWANCE[made.question.quantity]
    right = _fits(reading, made.answer, allowance)
    wrong = [pair for pair in made.wrong if _fits(reading, pair[1], min(allowance, 1e-3))]
    if reading.digits >= FEW:
        rivals = made.wrong if allowance > 1e-3 else wrong
        if right and not _nearer(rivals, made.answer, reading):
            return "right", (), RIGHT
        if not wrong and allowance > 1e-3:
            wrong = [pair for pair in made.wrong if _fits(reading, pair[1], allowance)]
        return _diagnose(wrong) if wrong else _nearly(made, reading)
    if right and not wrong:
        return "right", (), RIGHT
    if right:
        return "coarse", (), MORE_DIGITS
    exact = [pair for pair in wrong if abs(reading.value - pair[1]) <= 1e-3 * abs(pair[1])]
    if reading.digits == 1 and wrong and not exact:
        return "unknown", (), "One digit is too little to say more. Give three digits."
    likely = exact if reading.digits == 1 else exact + [p for p in wrong if p not in exact]
    return _diagnose(likely) if wrong else _nearly(made, reading)


MORE_DIGITS = (
    "That is right as far as it goes, but a known mistake gives the same after rounding. Give at "
    "least three digits, or the unrounded value (Python drops zeros at the end)."
)


def _fits(reading: Reading, target: float, allowance: float) -> bool:
    """Does the target, rounded as the reading was, give the reading?"""
    half = reading.half * (1 + 1e-9)
    if reading.digits >= FEW:
        half = min(half, CAP * abs(target))
    return abs(reading.value - target) <= half + allowance * abs(target) + 1e-12


def _nearer(wrong: list[tuple[Misconception, float]], right: float, reading: Reading) -> bool:
    return any(abs(reading.value - value) < abs(reading.value - right) for _, value in wrong)


def _diagnose(wrong: list[tuple[Misconception, float]]) -> Look:
    """The mistake, or the first two where several give the same number."""
    first = list({m.id: m for m, _ in wrong}.values())[:2]  # variants of a mistake count once
    message = first[0].message
    if len(first) > 1:
        message = f"Two mistakes give this number. Either: {message} Or: {first[1].message}"
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
