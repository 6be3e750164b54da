"""The one way in which templates become HTML."""

from __future__ import annotations

from functools import cache

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from dreamflow.rendering.filters import FILTERS, printed

__all__ = ["environment"]

_OWN = "dreamflow.rendering"


@cache
def environment(package: str = _OWN) -> Environment:
    """
    Return what renders the templates of a package of ours, and the partials here.

    Everything printed is escaped, always, and a name that is not there is an error. Templates are read from the
    ``templates`` folders of the two packages, and from nowhere else; text is never a template.

    :param package: its name, such as ``dreamflow.review``. A template there comes before one of its name here.
    """
    made = Environment(
        loader=ChoiceLoader([PackageLoader(name) for name in dict.fromkeys((package, _OWN))]),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=printed,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters.update(FILTERS)
    return made
