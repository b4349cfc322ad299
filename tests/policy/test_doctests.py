"""Every public function and class of gs1 shows by an example what it does; the examples run."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from types import ModuleType

import gs1


def modules() -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(gs1.__path__, "gs1."):
        if not found.name.endswith("__main__"):
            yield importlib.import_module(found.name)


def public(module: ModuleType) -> Iterator[tuple[str, object]]:
    """Functions and classes that the module defines under a public name.

    >>> ("gs1.check_digit.verify", gs1.check_digit.verify) in public(gs1.check_digit)
    True
    """
    for name, value in vars(module).items():
        if not (inspect.isfunction(value) or inspect.isclass(value)):
            continue
        # What was made or defined elsewhere has its example there.
        if value.__name__ == name and value.__module__ == module.__name__ and name[0] != "_":
            yield f"{module.__name__}.{name}", value


def needs_example(value: object) -> bool:
    """Not an error, which those show that raise it, nor a protocol, which does nothing itself.

    Nor a command: the page on gs1 shows those.
    """
    if inspect.isclass(value):
        return not (issubclass(value, Exception) or getattr(value, "_is_protocol", False))
    return getattr(value, "__name__", "") != "main"


def has_example(value: object) -> bool:
    """Whether the docstring has one, or for a class that of a public method."""
    texts = [value.__doc__ or ""]
    if inspect.isclass(value):
        members = [member for name, member in vars(value).items() if not name.startswith("_")]
        texts += [inspect.getdoc(member) or "" for member in members]
    return any(">>>" in text for text in texts)


def test_a_name_without_example_is_found() -> None:
    class Bare:
        """No example here."""

    assert needs_example(Bare)
    assert not has_example(Bare)
    assert has_example(public)
    assert len(list(modules())) > 60


def test_every_public_name_has_an_example() -> None:
    without = [
        name
        for module in modules()
        for name, value in public(module)
        if needs_example(value) and not has_example(value)
    ]
    assert without == []
