"""What is wrong with this fit: `check_model` and the Findings it returns.

`check` runs the checks; `case` is what they look at; `findings` holds and shows what they say;
`recipe` writes the code a learner can paste. The checks themselves: `optimum`, `grouping`,
`copies`, `missing`, `predictors`, `slopes`, `leverage`.
"""

from .check import check_model
from .findings import Finding, Findings

__all__ = ["Finding", "Findings", "check_model"]
