"""What is wrong with the names of defects."""


class UnknownDefectError(ValueError):
    """There is no defect of this name. `near` is one that may have been meant, `index` its place among those named."""

    def __init__(self, name: str, index: int, near: str | None) -> None:
        advice = f"did you mean '{near}'?" if near else "'billecta-mock defects' lists all"
        super().__init__(f"there is no defect '{name[:64]}'; {advice}")
        self.index = index
