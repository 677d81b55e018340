"""The world of the simulated PISA data: who goes to which school, before anyone takes a test.

Records are namespaces of arrays: `s` one value per school, `t` one per student, `c` the country.
"""

from __future__ import annotations

from itertools import pairwise
from types import SimpleNamespace

import numpy as np
from pisa_like_countries import USA_DECILES, USA_EXTREME, Country
from scipy.special import ndtr, ndtri

N_PV = 10
FARTHEST = 3.0
DESK_LATENT_CORR = 0.5
DESK_IN_ESCS = 0.15  # desk is one of the items behind escs
STRATA = ((0.7, 0.12), (1.0, 0.0), (1.1, -0.02), (1.4, -0.1))  # weight factor, shift of escs
USA_UNUSUAL = 1.75  # the four extreme schools do well, in SDs of u: the slope hangs on them
USA_SILENT = -0.7  # schools that do not report a ratio do worse, in SDs of u


class Draws:
    """Random numbers that no new version of NumPy can change."""

    def __init__(self, seed: int) -> None:
        self.bits = np.random.PCG64(seed)

    def uniform(self, *shape: int) -> np.ndarray:
        raw = self.bits.random_raw(int(np.prod(shape))) >> np.uint64(11)
        return ((raw + 0.5) * 2.0**-53).reshape(shape)

    def normal(self, *shape: int) -> np.ndarray:
        """Standard normal, but never beyond FARTHEST: real scores end somewhere too."""
        tail = ndtr(-FARTHEST)
        return ndtri(tail + (1 - 2 * tail) * self.uniform(*shape))


def top(score: np.ndarray, k: int) -> np.ndarray:
    """True for the k largest scores."""
    chosen = np.zeros(len(score), dtype=bool)
    chosen[np.argsort(-score, kind="stable")[:k]] = True
    return chosen


# ------------------------------------------------------------------------------------- schools


def make_schools(c: Country, r: Draws) -> SimpleNamespace:
    J = c.schools
    s = SimpleNamespace()
    s.rank = r.uniform(J)
    s.size = np.rint(np.exp(np.interp(s.rank, (0, 0.1, 0.25, 0.5, 0.75, 0.9, 1), np.log(c.sizes))))
    s.stratum = (4 * r.uniform(J)).astype(int)
    share, advantage = c.private
    s.private = top(r.normal(J) - s.rank, round(share * J))
    # A small school often teaches all grades, so that few of its students are 15.
    s.fifteen = c.share15 * s.size * np.minimum(1, 0.3 + s.size / 500)
    s.z = r.normal(J)
    shift = advantage * (s.private - share) + np.array([escs for _, escs in STRATA])[s.stratum]
    left = np.sqrt(max(c.escs[1] ** 2 - np.var(shift), 0.05))
    s.escs = c.escs[0] + shift - shift.mean() + left * s.z
    s.u = standardised(r.normal(J))
    s.slope = -0.3 * s.u + np.sqrt(1 - 0.3**2) * r.normal(J)
    s.n = make_cluster_sizes(c, s, r)
    s.has_stratio = ~top(2 * s.rank - s.private * 9 + r.normal(J), round(c.gaps[2] * J))
    s.stratio = make_stratio(c, s, r)
    s.has_sector = ~top(2 * ~s.has_stratio + r.normal(J), round(0.1 * J))
    s.has_size = ~top(2 * ~s.has_stratio + r.normal(J), round(0.12 * J))
    s.weight = make_school_weights(c, s, r)
    s.zone, s.unit = variance_zones(s)
    return s


def standardised(z: np.ndarray) -> np.ndarray:
    return (z - z.mean()) / z.std()


def make_cluster_sizes(c: Country, s: SimpleNamespace, r: Draws) -> np.ndarray:
    """Students tested per school: all 15-year-olds of a small one, the target of a large one."""
    # Weaker schools lose more students on the test day; weights must make good for it.
    s.turnout = np.clip(0.78 + 0.03 * s.z + 0.02 * s.u + 0.14 * r.normal(c.schools), 0.35, 0.98)
    expected = np.minimum(s.fifteen, c.target) * s.turnout
    wanted = np.maximum(expected, 1.0)
    for _ in range(50):  # rescale the large ones only: a small school has no more students to give
        large = wanted > 12
        wanted[large] *= (c.students - wanted[~large].sum()) / wanted[large].sum()
    n = np.floor(wanted).astype(int)
    n[top(wanted - n, c.students - n.sum())] += 1
    return n


def make_stratio(c: Country, s: SimpleNamespace, r: Draws) -> np.ndarray:
    """Students per teacher: larger schools have more of them, private ones fewer."""
    order = np.argsort(0.6 * standardised(s.rank) - 1.2 * s.private + r.normal(c.schools))
    mean, sd, _ = c.stratio
    spread = np.sqrt(np.log1p((sd / mean) ** 2))
    values = np.sort(mean * np.exp(spread * r.normal(c.schools) - spread**2 / 2))
    ratio = np.empty(c.schools)
    ratio[order] = np.clip(values, 1, 100)
    if c.code == "USA":
        ratio = usa_stratio(s, ratio, r)
    return np.round(ratio, 4)


def usa_stratio(s: SimpleNamespace, ratio: np.ndarray, r: Draws) -> np.ndarray:
    """The 137 reported ratios have the deciles of the 2018 file; four of them are extreme."""
    ratio = ratio.copy()
    reported = np.flatnonzero(s.has_stratio)
    usual = np.abs(s.z[reported]) < 0.8
    large = (s.size[reported] > 700) & (s.n[reported] >= 28)
    ordinary = usual & large & ~s.private[reported]
    extreme = reported[top(ordinary + r.uniform(len(reported)), 4)]
    rest = np.setdiff1d(reported, extreme)
    ratio[rest[np.argsort(ratio[rest])]] = np.sort(usa_ordinary(r))
    ratio[extreme] = USA_EXTREME
    s.u[extreme] = USA_UNUSUAL
    s.u[~s.has_stratio] += USA_SILENT
    return ratio


def usa_ordinary(r: Draws) -> np.ndarray:
    """133 sorted ratios which, with the four extreme ones, have the wanted deciles."""
    positions = np.linspace(0, 136, 11)[:10]
    known_k, known_v = [0], [USA_DECILES[0]]
    for position, decile in zip(positions[1:], USA_DECILES[1:], strict=True):
        below = int(np.floor(position))
        gap = 0.06  # the decile lies between two neighbours, this far apart
        known_k += [below, below + 1]
        known_v += [decile - (position - below) * gap, decile + (below + 1 - position) * gap]
    known_k, known_v = [*known_k, 132], [*known_v, 29.5818]
    ordinary = np.interp(np.arange(133), known_k, known_v)
    for low, high in pairwise(known_k):
        if high - low > 1:  # scatter the schools between two known ones
            inside = np.sort(r.uniform(high - low - 1))
            ordinary[low + 1 : high] = ordinary[low] + inside * (ordinary[high] - ordinary[low])
    return ordinary


def make_school_weights(c: Country, s: SimpleNamespace, r: Draws) -> np.ndarray:
    """Schools are drawn in proportion to size: a small one stands for many."""
    factor = np.array([weight for weight, _ in STRATA])[s.stratum]
    return factor / np.maximum(s.fifteen, c.target) * np.exp(0.12 * r.normal(c.schools))


def variance_zones(s: SimpleNamespace) -> tuple[np.ndarray, np.ndarray]:
    """Neighbours in the sampling frame are paired; 80 zones, as in PISA's replicate weights."""
    pair = np.empty(len(s.size), dtype=int)
    pair[np.lexsort((s.size, s.stratum))] = np.arange(len(s.size)) // 2
    unit = np.empty(len(s.size), dtype=int)
    unit[np.lexsort((s.size, s.stratum))] = np.arange(len(s.size)) % 2 + 1
    return pair % 80 + 1, unit


# ------------------------------------------------------------------------------------ students


def make_students(c: Country, s: SimpleNamespace, r: Draws) -> SimpleNamespace:
    N = c.students
    t = SimpleNamespace(school=np.repeat(np.arange(c.schools), s.n))
    t.girl = r.uniform(N) < 0.49
    wealth = s.escs[t.school] + c.escs[2] * r.normal(N)
    likely = DESK_LATENT_CORR * standardised(wealth) + np.sqrt(1 - DESK_LATENT_CORR**2) * r.normal(
        N
    )
    t.desk = top(likely, round(c.desk_yes * N))
    t.escs = np.round(wealth + DESK_IN_ESCS * (t.desk - c.desk_yes), 4)
    t.e = r.normal(N)
    t.noise = r.normal(N_PV, N)
    # Who skips one question tends to skip another, and to score a little lower.
    skips = r.normal(N) - 0.4 * t.e
    t.has_desk = ~top(skips + 0.5 * r.normal(N), round(c.gaps[0] * N))
    t.has_escs = ~top(skips + 0.5 * r.normal(N), round(c.gaps[1] * N))
    t.weight = make_student_weights(c, s, t, r)
    return t


def make_student_weights(
    c: Country, s: SimpleNamespace, t: SimpleNamespace, r: Draws
) -> np.ndarray:
    """Inverse chance of being tested: school's weight, share of the school tested, absences."""
    fifteen = np.maximum(s.fifteen, s.n)
    absent = np.exp(0.05 * ~t.girl - 0.02 * t.e + 0.08 * r.normal(c.students))
    raw = (s.weight * fifteen / s.n)[t.school] * absent
    scale = c.population / raw.sum()
    s.weight = s.weight * scale
    return raw * scale
