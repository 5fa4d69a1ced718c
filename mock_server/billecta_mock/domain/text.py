"""Numbers of things, in words."""


def pluralize(number: int, noun: str) -> str:
    """So many of them: 1 read, 2 reads."""
    return f"{number} {noun if number == 1 else noun + 's'}"
