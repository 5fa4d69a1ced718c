"""One claim about a journal: which requests, and how many of them."""

from dataclasses import dataclass

from billecta_mock.domain.search import ExchangeFilter, show_field


@dataclass(frozen=True)
class Claim:
    """So many exchanges of this kind: at least `least`, and at most `most`, or any more where that is None."""

    request: ExchangeFilter
    least: int = 1
    most: int | None = None

    @property
    def is_exact(self) -> bool:
        """Whether one number of them is claimed, and it is not none."""
        return self.least == self.most != 0

    def allows(self, count: int) -> bool:
        """Whether the claim holds for so many."""
        return self.least <= count and (self.most is None or count <= self.most)

    def has_enough(self, counts: int) -> bool:
        """Whether one of these counts, each a bit of the number, may be the last."""
        return counts >> self.least != 0

    def count_one(self, counts: int) -> int:
        """These counts after one more exchange of the kind.

        Those above `most` fall away; where there is no such bound, all that are enough are one.
        """
        highest = self.least if self.most is None else self.most
        raised = counts << 1
        kept = raised & ((1 << (highest + 1)) - 1)
        beyond = self.most is None and raised != kept
        return kept | (1 << highest if beyond else 0)

    def __str__(self) -> str:
        fields = ", ".join(f"{name} {show_field(name, value)}" for name, value in self.request.given.items())
        noun = "request" if self._number == "1" else "requests"
        return f"{self._words} {noun}{f' with {fields}' if fields else ' of any kind'}"

    @property
    def _number(self) -> str:
        return str(self.least if self.most is None else self.most)

    @property
    def _words(self) -> str:
        if self.most == 0:
            return "no"
        if self.most is None:
            return f"at least {self.least}"
        if self.least == self.most:
            return f"exactly {self.most}"
        return f"{self.least} to {self.most}" if self.least else f"at most {self.most}"
