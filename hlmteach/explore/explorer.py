"""The explorer: sliders around one pure function from their values to a Figure."""

import base64
import gc
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from difflib import get_close_matches
from html import escape
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from ..plots.picture import PIXELS, alt
from ..words import plain
from .sheet import png

# Set while notebooks and pages are built: nobody will be there to move a slider.
STATIC_VARIABLE = "HLMTEACH_STATIC"
# ipywidgets 8 gives a slider no name and a text no voice: a screen reader hears a bare number. And
# JupyterLab takes the keys that are typed on a slider for its own: d d deletes the cell. It shall
# take those with Ctrl or Cmd alone; Escape goes back to the cell. This runs in the browser when a
# picture has loaded. It waits until all sliders are there.
_NAMING = """
(function name(picture, tries) {
  const box = picture.closest('.hlm-explorer');
  const rows = box ? box.querySelectorAll('.widget-slider') : [];
  if (rows.length < %d) return tries && requestAnimationFrame(() => name(picture, tries - 1));
  for (const row of rows)
    for (const [part, role] of [['[role=slider]', 'slider'], ['.widget-readout', 'textbox']]) {
      row.querySelector(part).setAttribute('role', role);
      row.querySelector(part).setAttribute('aria-label', row.querySelector('label').textContent);
    }
  box.querySelector('.hlm-said').setAttribute('role', 'status');
  const guard = ({ ctrlKey, metaKey }) => {
    for (const handle of box.querySelectorAll('[role=slider]'))
      handle.toggleAttribute('data-lm-suppress-shortcuts', !ctrlKey && !metaKey);
  };
  guard(box.onkeyup = guard);
  box.onkeydown = event => {
    guard(event);
    if (event.key === 'Escape') box.closest('.jp-Cell')?.focus();
  };
})(this, 600)
"""


@dataclass(frozen=True)
class Slider:
    """One number that a learner may move.

    Attributes
    ----------
    label : what it is, with its unit
    low, high, step : where it may go
    start : where it begins
    """

    label: str
    low: float
    high: float
    step: float
    start: float

    @property
    def whole(self) -> bool:
        return float(self.step).is_integer() and float(self.low).is_integer()

    @property
    def decimals(self) -> int:
        return max(0, -Decimal(str(self.step)).normalize().as_tuple().exponent)

    def check(self, name: str, value: object) -> float:
        """The value as a number within the slider's range, or a ValueError that says what is."""
        if isinstance(value, bool) or not isinstance(value, int | float | np.number):
            raise ValueError(f"{name} is {value!r}; it takes a number ({self.label}).")
        if not self.low <= value <= self.high:
            raise ValueError(
                f"{name} is {value:g}; the slider goes from {self.low:g} to {self.high:g} "
                f"({self.label})."
            )
        return round(value) if self.whole else float(value)


@dataclass(frozen=True)
class Explorer:
    """A figure whose numbers can be moved.

    Attributes
    ----------
    title : what is explored
    function : pure, from the sliders' values to a Figure that knows its alt text
    sliders : by the function's argument
    strip : values of the frames that stand for the explorer where nothing can be moved

    Examples
    --------
    >>> import hlmteach as hlm
    >>> explorer = hlm.explore.icc()
    >>> list(explorer.sliders)
    ['sigma_u', 'sigma_e', 'seed']
    >>> explorer.text(sigma_u=0, sigma_e=80)[:38]
    'Between schools the SD is 0, within 80'
    """

    title: str
    function: Callable[..., Figure]
    sliders: Mapping[str, Slider]
    strip: tuple[dict[str, float], ...]

    def starting(self, **values: float) -> "Explorer":
        """The same explorer with other values at the start."""
        given = self._checked(values)
        moved = {
            name: replace(slider, start=given.get(name, slider.start))
            for name, slider in self.sliders.items()
        }
        return replace(self, sliders=moved)

    def draw(self, **values: float) -> Figure:
        """The figure at these values; sliders that are not named stand at their start.

        Raises
        ------
        ValueError
            If a value has no slider or lies outside its range; the message names it.
        """
        start = {name: slider.start for name, slider in self.sliders.items()}
        return self.function(**start | self._checked(values))

    def text(self, **values: float) -> str:
        """What the figure shows at these values, as a sentence or two."""
        return alt(self.draw(**values))

    def _checked(self, values: Mapping[str, Any]) -> dict[str, float]:
        for name in values:
            if name not in self.sliders:
                near = get_close_matches(name, self.sliders, 1)
                hint = f" Did you mean {near[0]!r}?" if near else ""
                raise ValueError(
                    f"There is no slider {name!r} here; there are {', '.join(self.sliders)}.{hint}"
                )
        return {name: self.sliders[name].check(name, value) for name, value in values.items()}

    # ------------------------------------------------------------ in a notebook

    def widget(self) -> Any:
        """The sliders, the figure and its sentence, as one ipywidgets box."""
        import ipywidgets as w

        heading = w.HTML(f'<p style="font-weight: 600; margin: 0">{escape(self.title)}</p>')
        controls = {name: _control(w, slider) for name, slider in self.sliders.items()}
        picture, said = w.HTML(), w.HTML()
        said.add_class("hlm-said")
        # Decoded at once, so that there is no white between two pictures.
        live = f'decoding="sync" onload="{_NAMING % len(controls)}" '

        @_tidy
        def redraw(*_: object) -> None:
            figure = self.function(**{name: control.value for name, control in controls.items()})
            picture.value = _image(figure, "The sentence below says what this figure shows.", live)
            said.value = f'<p style="margin: 0; line-height: 1.5">{escape(alt(figure))}</p>'

        for control in controls.values():
            control.observe(redraw, names="value")
        redraw()
        return w.VBox([heading, *controls.values(), picture, said]).add_class("hlm-explorer")

    def _ipython_display_(self) -> None:
        from IPython.display import display

        display(self.frames() if os.environ.get(STATIC_VARIABLE) else self.widget())

    # ------------------------------------------------------------ on a page

    def frames(self) -> "Strip":
        """The explorer where nothing can be moved: a few of its states, side by side."""
        return Strip(self)


@dataclass(frozen=True, repr=False)
class Strip:
    """Frames of an explorer with captions."""

    explorer: Explorer

    def _captions(self) -> list[tuple[str, Figure]]:
        out = []
        for values in self.explorer.strip:
            moved = [
                f"{self.explorer.sliders[name].label}: {plain(v)}" for name, v in values.items()
            ]
            out.append((", ".join(moved), self.explorer.draw(**values)))
        return out

    def __repr__(self) -> str:
        lines = [f"{caption}. {alt(figure)}" for caption, figure in self._captions()]
        return "\n".join([f"{self.explorer.title} (move the sliders in JupyterLab)", *lines])

    def _repr_html_(self) -> str:
        cells = "".join(
            '<figure style="flex: 1 1 300px; max-width: 460px; margin: 0">'
            f"{_image(figure, caption)}"
            f'<figcaption style="font-size: 90%"><strong>{escape(caption)}.</strong> '
            f"{escape(alt(figure))}</figcaption></figure>"
            for caption, figure in self._captions()
        )
        return (
            f"<p><strong>{escape(self.explorer.title)}</strong> (run this cell in JupyterLab to "
            'move the sliders)</p><div style="display: flex; flex-wrap: wrap; gap: 1rem">'
            f"{cells}</div>"
        )


def _tidy(redraw: Callable[..., None]) -> Callable[..., None]:
    """Take a redraw's garbage away at once, while it is young.

    A figure's parts refer to each other. Left to Python, they grow old together, and now and then
    a redraw waits a tenth of a second until all that a session holds has been searched.
    """

    def tidied(*args: object) -> None:
        watched = gc.isenabled()
        gc.disable()
        try:
            redraw(*args)
        finally:
            gc.collect(0)
            if watched:
                gc.enable()

    return tidied


def _control(w: Any, slider: Slider) -> Any:
    kind = w.IntSlider if slider.whole else w.FloatSlider
    form = {} if slider.whole else {"readout_format": f".{slider.decimals}f"}
    return kind(
        value=slider.start,
        min=slider.low,
        max=slider.high,
        step=slider.step,
        description=slider.label,
        tooltip=slider.label,
        style={"description_width": "16rem"},
        layout={"width": "min(100%, 40rem)"},
        **form,
    )


def _image(figure: Figure, said: str, attributes: str = "") -> str:
    width, height = (round(PIXELS * inches) for inches in figure.get_size_inches())
    data = base64.b64encode(png(figure)).decode()
    return (
        f'<img alt="{escape(said)}" width="{width}" height="{height}" {attributes}'
        f'style="max-width: 100%; height: auto" src="data:image/png;base64,{data}">'
    )
