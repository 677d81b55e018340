"""Who a student is: any text, made the same on every machine, becomes seeds."""

import hashlib
import hmac
import unicodedata
from numbers import Integral, Real

import numpy as np

GUEST = "guest"
# Marks that files and keyboards leave at the ends of a text and nobody sees.
_INVISIBLE = "\ufeff\u200b\u200e\u200f\u2060\x00"


def normalise(student: object) -> str:
    """A student id as it is compared: Unicode's composed form, no spaces around, small letters.

    Parameters
    ----------
    student : any text (an address, a number, a name in any script) or a whole number; None or
        nothing but spaces is the guest

    Returns
    -------
    str
        The same for "Jo@Example.org " and "jo@example.org", and for 17, 17.0 and "17".

    Raises
    ------
    TypeError
        For anything that is no text and no whole number.

    Examples
    --------
    >>> normalise("  Zoë@Example.ORG\\n")
    'zoë@example.org'
    >>> normalise(17.0), normalise(None)
    ('17', 'guest')
    """
    if student is None:
        return GUEST
    if isinstance(student, Real) and not isinstance(student, bool | np.bool_):
        if isinstance(student, Integral) or float(student).is_integer():
            student = str(int(student))
    if not isinstance(student, str):
        raise TypeError(
            f"A student id is a text such as 'jo@example.org' or a whole number; got "
            f"{type(student).__name__}."
        )
    text = unicodedata.normalize("NFC", student).strip(_INVISIBLE + " \t\r\n")
    text = unicodedata.normalize("NFC", " ".join(text.split()).casefold())
    return text or GUEST


def random_state(
    student: object, dataset: str, draw: int, secret: str = ""
) -> np.random.RandomState:
    """The random numbers of one draw of one student's data.

    RandomState, because NumPy has frozen its stream (NEP 19); Generator may change.

    Examples
    --------
    >>> int(random_state("jo@example.org", "ch04.icc", 0).randint(1000))
    677
    """
    key = b"hlmteach:" + secret.encode("utf-8", "surrogatepass")
    parts = [normalise(student), dataset, str(draw)]
    message = b"\0".join(part.encode("utf-8", "surrogatepass") for part in parts)
    digest = hmac.new(key, message, hashlib.sha256).digest()
    return np.random.RandomState(np.frombuffer(digest, dtype="<u4").astype(np.uint32))
