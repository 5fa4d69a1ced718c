"""The parts of Connexion that the mock stands on, imported without the rest of it.

`import connexion` brings Connexion's applications, its test client and what these need: httpx, rich, werkzeug's test
tools, and more, half of the time that the mock would take to start. The modules that are used import jinja2 and
requests, for templates and addresses in a specification, of which the mock's have none. Here these packages are made
known to Python without running what stands in their `__init__`. Whoever asks one of them for anything that only that
brings, anywhere in this process, gets it: then it is loaded whole.
"""

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from importlib.util import find_spec, module_from_spec
from threading import RLock
from types import ModuleType
from typing import Any, Final

__all__ = [
    "AbstractOperation",
    "AbstractRoutingAPI",
    "InvalidSpecification",
    "Resolver",
    "ResolverError",
    "Specification",
]

_DEFERRED: Final = ("connexion", "connexion.middleware", "jinja2", "requests")
_loading = RLock()


class _DeferredPackage(ModuleType):
    """A package whose `__init__` runs when it is asked for what only that brings."""

    def __getattr__(self, name: str) -> Any:
        with _loading:
            _load(self.__name__)
        return getattr(self, name)


def _is_deferred(package: ModuleType) -> bool:
    return type(package) is _DeferredPackage


def _load(name: str) -> None:
    """Run the `__init__` of a package, unless that has been done, and that of the package around it before."""
    if name.rpartition(".")[0]:
        _load(name.rpartition(".")[0])
    package: Any = sys.modules[name]
    if not _is_deferred(package):
        return
    package.__class__ = ModuleType  # what it has been all along
    package.__path__ = package.__spec__.submodule_search_locations
    try:
        with _quiet() if name.startswith("connexion") else nullcontext():  # requests sets filters, which must stay
            package.__spec__.loader.exec_module(package)
    except BaseException:
        package.__class__ = _DeferredPackage
        raise


@contextmanager
def _quiet() -> Iterator[None]:
    """Connexion 3.3 imports what jsonschema and Starlette deprecate, Starlette with a class of warnings of its own.

    Whoever treats warnings as errors can do nothing about that, and must still be able to import the mock.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _seal(name: str) -> None:
    """Let the import of any further module of this package load the package first, as ever: its modules expect that."""
    package = sys.modules[name]
    if _is_deferred(package):
        del package.__path__


def _defer(name: str) -> None:
    spec = None if name in sys.modules else find_spec(name)
    if spec is not None:
        package = module_from_spec(spec)
        package.__class__ = _DeferredPackage
        sys.modules[name] = package
        parent, _, child = name.rpartition(".")
        if parent:
            setattr(sys.modules[parent], child, package)


with _quiet():
    for _name in _DEFERRED:
        _defer(_name)
    from connexion.exceptions import InvalidSpecification, ResolverError
    from connexion.middleware.abstract import AbstractRoutingAPI
    from connexion.operations import AbstractOperation
    from connexion.resolver import Resolver
    from connexion.spec import Specification

    for _name in _DEFERRED:
        _seal(_name)
