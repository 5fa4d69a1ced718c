"""Defects of the comparison of keys: which keys that are not valid are taken for one that is."""

from typing import Final
from urllib.parse import unquote

from billecta_mock.defects.defect import Ask, Defect, Group
from billecta_mock.defects.entrances import resemble


def _accepted(name: str, sentence: str, ask: Ask) -> Defect:
    return Defect(name, Group.KEYS, "AUTH-4", sentence, ask=ask)


def _letters(key: str) -> str:
    return "".join(character for character in key if character.isalnum())


DEFECTS: Final = (
    _accepted("key-prefix-accepted", "The beginning of a valid key is accepted as that key.",
              resemble(lambda given, valid: valid.startswith(given))),
    _accepted("key-suffix-accepted", "A valid key with anything after it is accepted.",
              resemble(lambda given, valid: given.startswith(valid))),
    _accepted("key-found-anywhere", "A key that holds a valid one anywhere is accepted.",
              resemble(lambda given, valid: valid in given)),
    _accepted("key-case-ignored", "A key in other case is accepted.",
              resemble(lambda given, valid: given.lower() == valid.lower())),
    _accepted("key-first-half-compared", "Only the first half of a key is compared.",
              resemble(lambda given, valid: given[: len(valid) // 2] == valid[: len(valid) // 2])),
    _accepted("key-last-character-ignored", "The last character of a key is not compared.",
              resemble(lambda given, valid: len(given) == len(valid) and given[:-1] == valid[:-1])),
    _accepted("key-length-compared", "A key is accepted if it is as long as a valid one.",
              resemble(lambda given, valid: len(given) == len(valid))),
    _accepted("key-letters-in-any-order", "A key is accepted if it has the characters of a valid one, in any order.",
              resemble(lambda given, valid: sorted(given) == sorted(valid))),
    _accepted("key-quotes-stripped", "A valid key in quotation marks is accepted.",
              resemble(lambda given, valid: given.strip("\"'") == valid)),
    _accepted("key-scheme-stripped", "A valid key after a word such as Bearer is accepted in the key's own header.",
              resemble(lambda given, valid: given.rpartition(" ")[2] == valid)),
    _accepted("key-first-of-list", "Of a list of keys, the first is taken.",
              resemble(lambda given, valid: given.partition(",")[0].strip() == valid)),
    _accepted("key-last-of-list", "Of a list of keys, the last is taken.",
              resemble(lambda given, valid: given.rpartition(",")[2].strip() == valid)),
    _accepted("key-percent-decoded", "A valid key is accepted in percent-encoding.",
              resemble(lambda given, valid: unquote(given) == valid)),
    _accepted("key-separators-ignored", "Spaces and signs inside a key are not compared.",
              resemble(lambda given, valid: _letters(given) == _letters(valid))),
)  # fmt: skip
