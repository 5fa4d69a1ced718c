"""What is wrong with a document that its schema allows, and where."""

from typing import Final

from billecta_mock.domain.problems import Refusal, invalid

MOST_SECONDS: Final = 86_400


class FlawError(ValueError):
    """A flaw at a place in the body, a JSON pointer; the text is what follows the place in a sentence."""

    def __init__(self, pointer: str, sentence: str) -> None:
        super().__init__(sentence)
        self.pointer = pointer

    def as_refusal(self) -> Refusal:
        """400, with the place and what would do."""
        place = f"body, at {self.pointer}:" if self.pointer else "the body"
        return invalid("body_invalid", "Bad Request", f"{place} {self}")
