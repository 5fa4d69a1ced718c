"""Defects of invoice documents: what is wrong with the PDF, or with how it is sent."""

from typing import Final

from mock_server.defects.defect import Defect, Group, Scene
from mock_server.http import Answer

_PDF: Final = "application/pdf"


def _cut(answer: Answer, _scene: Scene) -> Answer:
    return answer if answer.media_type != _PDF else answer._replace(body=answer.body[: len(answer.body) // 2])


DEFECTS: Final = (
    Defect("pdf-truncated", Group.DOCUMENTS, "PDF-2", "The second half of every document is missing.", answer=_cut),
)
