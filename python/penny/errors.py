"""What the reader of a notebook sees when something is wrong: one sentence, and what to do."""

from __future__ import annotations

import functools
import warnings
from typing import Any, Callable, Optional, TypeVar, cast

Function = TypeVar("Function", bound=Callable[..., Any])


class PennyError(Exception):
    """Une phrase qui dit ce qui ne va pas, et à la ligne suivante ce qu'il faut faire."""

    def __init__(self, sentence: str, hint: Optional[str] = None):
        super().__init__(sentence if hint is None else f"{sentence}\n{hint}")
        self.sentence = sentence
        self.hint = hint

    def __reduce__(self):
        return (type(self), (self.sentence, self.hint))


class TemporaryError(PennyError):
    """Une erreur qui peut passer d'elle-même : limite de débit, réseau, PostgreSQL qui redémarre. Penny réessaie."""


class PennyWarning(UserWarning):
    """Une remarque de Penny : le résultat est là, mais une valeur a été changée ou laissée."""


# Readers import them from `penny`, and a traceback should name them so.
PennyError.__module__ = "penny"
TemporaryError.__module__ = "penny"
PennyWarning.__module__ = "penny"


def warn(text: str) -> None:
    """Shows a warning as one line, without the path of a cell and its source."""
    warnings.warn_explicit(text, PennyWarning, filename="penny", lineno=1, module="penny")


def readable(function: Function) -> Function:
    """Cuts the traceback of a PennyError to the caller's own line: our frames explain nothing."""

    @functools.wraps(function)
    def call(*args, **kwargs):
        try:
            return function(*args, **kwargs)
        except PennyError as error:
            raise error.with_traceback(None) from None

    return cast(Function, call)
