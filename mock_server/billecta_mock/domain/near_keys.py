"""Which key was probably meant by one that is not known: said in words, with none of it repeated.

This is asked while the request is there, because the journal keeps no key. Only presented keys that no key of the world
equals come here, and the answer goes to the journal alone.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import islice
from typing import Final

from billecta_mock.domain.access import ApiKey

_LONGEST_COMPARED: Final = 256
_MOST_COMPARED: Final = 10
_MOST_REMEMBERED: Final = 64
_SHORTEST_PART: Final = 3
_QUOTES: Final = b"\"'`<>"
_OPENINGS: Final = (b"$", b"{{")
_SCHEMES: Final = (b"bearer ", b"basic ", b"apikey ", b"api-key ", b"token ", b"x-api-key:", b"x-api-key=")
_PLACEHOLDERS: Final = frozenset(
    {b"undefined", b"null", b"none", b"nil", b"nan", b"[object object]", b"your-api-key", b"your_api_key", b"api-key"}
)


class NearKeys:
    """The keys of one world, ready to be compared with one that it does not know. The first ten are compared."""

    def __init__(self, keys: Iterable[ApiKey]) -> None:
        values = [(key.name, key.value.encode()) for key in islice(keys, _MOST_COMPARED)]
        self._known = [(name, value, value.lower()) for name, value in values]
        # A client that has a wrong key sends it again and again.
        self._find = lru_cache(maxsize=_MOST_REMEMBERED)(self._find_mistake)

    def hint(self, presented: bytes) -> str | None:
        """What is wrong with a key, if a key of this world is near it.

        The sentence's part names the key and the mistake and has nothing of either value in it. Whatever the mistake,
        one of both values is then within the other but for its case: most are not, and are not looked at closely.
        """
        return self._find(presented[:_LONGEST_COMPARED])

    def _find_mistake(self, sent: bytes) -> str | None:
        lowered = sent.strip().lower()
        if lowered in _PLACEHOLDERS or lowered.startswith(_OPENINGS):
            return "a placeholder was sent that nothing was put in the place of"
        mistakes = (
            mistake(name)
            for name, value, known in self._known
            if known in lowered or lowered in known
            for is_meant, mistake in _MISTAKES
            if is_meant(sent, value)
        )
        return next(mistakes, None)


def _has_scheme(sent: bytes, key: bytes) -> bool:
    return any(sent.lower().startswith(scheme) and sent[len(scheme) :].strip() == key for scheme in _SCHEMES)


def _is_part(sent: bytes, key: bytes) -> bool:
    return len(sent) >= _SHORTEST_PART and sent != key and (key.startswith(sent) or key.endswith(sent))


def _has_more(sent: bytes, key: bytes) -> bool:
    return len(key) >= _SHORTEST_PART and sent != key and (sent.startswith(key) or sent.endswith(key))


_MISTAKES: Final[Sequence[tuple[Callable[[bytes, bytes], bool], Callable[[str], str]]]] = (
    (lambda sent, key: sent.strip() == key, "it is the key '{}' with white space around it".format),
    (lambda sent, key: sent.strip().strip(_QUOTES) == key, "it is the key '{}' in quotation marks or brackets".format),
    (_has_scheme, "it is the key '{}' behind a word such as Bearer; the header holds the key alone".format),
    (lambda sent, key: sent.lower() == key.lower(), "it is the key '{}' in another case".format),
    (_is_part, "it is a part of the key '{}'; it was cut off".format),
    (_has_more, "it is the key '{}' with more in front of it or behind it".format),
)
