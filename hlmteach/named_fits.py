"""Several models side by side, with names."""

from collections.abc import Mapping, Sequence

from .adapters import as_fit
from .fit import Fit


def named_fits(
    models: object | Sequence[object] | Mapping[str, object], names: Sequence[str] | None = None
) -> dict[str, Fit]:
    """The models as Fits by name.

    Parameters
    ----------
    models : one model, a list of models, or a mapping from name to model
    names : their names; None takes the mapping's, or "Model 1", "Model 2", ...

    Raises
    ------
    ValueError
        If there are no models, or names are missing or used twice.
    """
    if isinstance(models, Mapping):
        names, models = names or [str(name) for name in models], list(models.values())
    elif not isinstance(models, list | tuple):
        models = [models]
    if not models:
        raise ValueError("There are no models to show. Give a list such as [rim0, rim1, rim2].")
    names = list(names) if names is not None else [f"Model {k + 1}" for k in range(len(models))]
    if len(names) != len(models):
        raise ValueError(f"{len(names)} names for {len(models)} models: give one name a model.")
    if len(set(names)) < len(names):
        raise ValueError(f"Two models have the same name in {names}; tell them apart.")
    return {str(name): as_fit(model) for name, model in zip(names, models, strict=True)}
