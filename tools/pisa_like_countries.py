"""Countries: what the script that makes the course's simulated PISA data knows about each.

The figures of the empty model, of escs and of desk are close to PISA 2003 (computed with lme4 from
learningtower's files); those of the United States' empty model are the article's. Slopes are round
numbers of the same order as published ones.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Country:
    """The truth of one country.

    intercept, var_school, var_residual: the empty model's estimates to reach, in score points.
    within, between: slopes of math on escs, inside a school and of the school's mean.
    slope_sd: SD between schools of the inside slope. desk: points for owning one.
    escs: mean, SD between and SD within schools. private: share of schools, and their head start
    in escs. sizes: enrolment at the quantiles 0, .1, .25, .5, .75, .9 and 1; share15: share of it
    that is 15 years old; target: students invited in a school. stratio: mean, SD, slope.
    gaps: shares without desk, escs and stratio. read, science: mean and SDs between and within.
    population: 15-year-olds at school.
    """

    code: str
    students: int
    schools: int
    intercept: float
    var_school: float
    var_residual: float
    within: float
    between: float
    slope_sd: float
    desk: float
    desk_yes: float
    escs: tuple[float, float, float]
    gaps: tuple[float, float, float]
    stratio: tuple[float, float, float]
    private: tuple[float, float]
    sizes: tuple[float, ...]
    share15: float
    target: int
    read: tuple[float, float, float]
    science: tuple[float, float, float]
    population: int


COUNTRIES = [
    Country(
        code="BRA", students=3300, schools=170,
        intercept=354.23, var_school=4105.7, var_residual=5170.1,
        within=7, between=62, slope_sd=4, desk=6, desk_yes=0.357,
        escs=(-0.9, 0.66, 0.85), gaps=(0.019, 0.022, 0.1294),
        stratio=(27.5, 11, -0.4), private=(0.12, 1.3),
        sizes=(21, 237, 435, 686, 1028, 1398, 3200), share15=0.14, target=30,
        read=(407, 56, 84), science=(391, 58, 78), population=2_000_000,
    ),
    Country(
        code="CAN", students=4100, schools=160,
        intercept=519.85, var_school=1538.8, var_residual=6405.0,
        within=24, between=52, slope_sd=5, desk=9, desk_yes=0.825,
        escs=(0.35, 0.4, 0.75), gaps=(0.045, 0.049, 0.0938),
        stratio=(16, 3.3, -0.2), private=(0.08, 0.6),
        sizes=(9, 150, 400, 750, 1150, 1500, 2300), share15=0.22, target=42,
        read=(520, 36, 89), science=(518, 36, 88), population=335_000,
    ),
    Country(
        code="FIN", students=3900, schools=140,
        intercept=541.84, var_school=339.4, var_residual=6602.6,
        within=32, between=40, slope_sd=4, desk=8, desk_yes=0.937,
        escs=(0.26, 0.3, 0.76), gaps=(0.006, 0.008, 0.0286),
        stratio=(10.7, 2.2, 0.1), private=(0.05, 0.4),
        sizes=(23, 178, 310, 440, 559, 785, 1262), share15=0.33, target=42,
        read=(535, 21, 80), science=(540, 20, 88), population=56_000,
    ),
    Country(
        code="JPN", students=4300, schools=130,
        intercept=530.09, var_school=5430.4, var_residual=4688.0,
        within=4, between=150, slope_sd=3, desk=5, desk_yes=0.947,
        escs=(-0.09, 0.39, 0.62), gaps=(0.008, 0.009, 0.0154),
        stratio=(12.6, 3.6, 0.4), private=(0.3, 0.15),
        sizes=(19, 221, 480, 728, 955, 1123, 2406), share15=0.33, target=42,
        read=(500, 66, 76), science=(545, 66, 74), population=1_080_000,
    ),
    Country(
        code="NLD", students=3400, schools=130,
        intercept=539.17, var_school=5594.6, var_residual=3218.4,
        within=9, between=120, slope_sd=5, desk=4, desk_yes=0.927,
        escs=(0.11, 0.4, 0.74), gaps=(0.023, 0.031, 0.1462),
        stratio=(16.8, 4, -0.3), private=(0.6, 0.05),
        sizes=(66, 312, 548, 1008, 1464, 1795, 3019), share15=0.2, target=36,
        read=(515, 66, 58), science=(523, 69, 61), population=190_000,
    ),
    Country(
        code="USA", students=4838, schools=164,
        intercept=477.14, var_school=1524, var_residual=6608,
        within=26, between=77, slope_sd=9, desk=8.77, desk_yes=0.78,
        escs=(0.12, 0.45, 0.88), gaps=(0.026, 0.022, 27 / 164),
        stratio=(15.6, 4.9, 0.55), private=(0.07, 0.9),
        sizes=(22, 230, 599, 1352, 2053, 2751, 4507), share15=0.24, target=42,
        read=(502, 45, 97), science=(499, 42, 89), population=3_560_000,
    ),
]  # fmt: skip

# The student-teacher ratios of the 137 schools that reported one, after the 2018 school file:
# its deciles, and the four schools above 40.
USA_DECILES = (
    1.6667, 10.4074, 11.4951, 13.1709, 14.5762, 15.6333, 16.9056, 18.2032, 19.7768, 23.5835,
)  # fmt: skip
USA_EXTREME = (42.0167, 44.0, 56.3375, 100.0)
USA_STRATIO_SLOPE = 0.55
