"""The shipped ICCs, recomputed from the real files where they are."""

import os
from pathlib import Path

import numpy as np
import pytest

import hlmteach as hlm

ROOT = Path(__file__).resolve().parents[1]
FOLDER = Path(os.environ.get("HLMTEACH_REAL_DATA") or ROOT.parent / "shared" / "data")
FILES = ("student_2000.rds", "student_2003.rds", "school.rda")
LACKING = [name for name in FILES if not (FOLDER / name).is_file()]
with_the_real_files = pytest.mark.skipif(
    bool(LACKING),
    reason=f"the real PISA files are not here ({', '.join(LACKING)}); set HLMTEACH_REAL_DATA to a "
    "folder that holds them",
)


@with_the_real_files
@pytest.mark.parametrize(("year", "n_countries"), [(2000, 42), (2003, 41)])
def test_every_country_has_the_shipped_figures(year, n_countries):
    table = hlm.recompute_icc(year, path=FOLDER)
    shipped = hlm.datasets.icc_by_country(year).set_index("country").loc[table.index]
    assert len(table) == len(hlm.datasets.icc_by_country(year)) == n_countries
    # Shipped: the ICC with four decimals, the variances with two.
    assert table["difference"].abs().max() < 5.1e-5
    for name, digits in {"var_school": 2, "var_residual": 2}.items():
        np.testing.assert_allclose(table[name], shipped[name], rtol=2e-5, atol=10**-digits)
    for name in ("name", "n_students", "n_schools"):
        assert (table[name] == shipped[name]).all()


def test_nothing_is_downloaded(tmp_path, monkeypatch):
    monkeypatch.setenv("HLMTEACH_DATA", str(tmp_path))
    monkeypatch.setenv("HLMTEACH_PISA_URL", "http://127.0.0.1:9/nowhere")
    with pytest.raises(FileNotFoundError) as caught:
        hlm.recompute_icc(2003)
    message = str(caught.value)
    assert "school.rda and student_2003.rds would be needed" in message
    assert "hlm.datasets.pisa(2003) downloads them once" in message
    assert str(tmp_path) not in message
    assert not list(tmp_path.iterdir())


def test_a_year_without_shipped_figures_is_refused():
    with pytest.raises(ValueError, match="year names '2018', which I do not know"):
        hlm.recompute_icc(2018)
