"""Hadamard matrices: which half of each variance zone a replicate takes."""

import numpy as np


def hadamard_matrix(order: int) -> np.ndarray:
    """A Hadamard matrix: entries 1 and -1, any two columns orthogonal; its last column is all 1.

    Parameters
    ----------
    order : 1, 2, or a multiple of 4 that the constructions below reach, as 80 is

    Returns
    -------
    (order, order) array of 1.0 and -1.0

    Raises
    ------
    ValueError
        If no construction here reaches the order.

    Notes
    -----
    Paley's first construction where order - 1 is a prime that leaves 3 when divided by 4: PISA's
    80 = 79 + 1 is one. Otherwise a matrix of half the order, doubled (Sylvester). Source: Wolter
    (2007), Introduction to Variance Estimation, 2nd ed., appendix A.

    Examples
    --------
    >>> H = hadamard_matrix(80)
    >>> bool((H.T @ H == 80 * np.eye(80)).all())
    True
    """
    H = _construct(order) if isinstance(order, int | np.integer) and order > 0 else None
    if H is None:
        raise ValueError(
            f"{order!r} replicates: balanced repeated replication needs the order of a Hadamard "
            "matrix, such as 8, 16, 40 or 80."
        )
    return H


def _construct(order: int) -> np.ndarray | None:
    if order == 1:
        return np.ones((1, 1))
    if order % 4 == 0 and _is_prime(order - 1):
        return _paley(order - 1)
    half = _construct(order // 2) if order % 2 == 0 else None
    return None if half is None else np.block([[half, half], [-half, half]])


def _paley(q: int) -> np.ndarray:
    """Order q + 1 from the squares modulo a prime q; columns get signs so that the last is 1s."""
    symbol = np.full(q, -1.0)
    symbol[np.arange(1, q) ** 2 % q] = 1.0
    symbol[0] = 0.0
    Q = symbol[np.subtract.outer(np.arange(q), np.arange(q)) % q]
    skew = np.zeros((q + 1, q + 1))
    skew[0, 1:], skew[1:, 0], skew[1:, 1:] = 1.0, -1.0, Q
    H = skew + np.eye(q + 1)
    return H * H[:, -1:]  # flipping a row's signs keeps the columns orthogonal


def _is_prime(n: int) -> bool:
    return n > 1 and all(n % k for k in range(2, int(n**0.5) + 1))
