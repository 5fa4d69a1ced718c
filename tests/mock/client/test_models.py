"""The words of the client are those that the admin API takes."""

from typing import Any, get_args

import pytest

from billecta_mock.admin.api import load_admin_openapi
from billecta_mock.client import models

SCHEMAS: Any = load_admin_openapi()["components"]["schemas"]
RULE: Any = SCHEMAS["RuleInput"]["properties"]
OUTCOME: Any = SCHEMAS["Outcome"]["properties"]
FAULT: Any = OUTCOME["fault"]["properties"]
DECIDE: Any = load_admin_openapi()["paths"]["/worlds/{database}/payments/{requestid}/decide"]["post"]["requestBody"]


LISTED_ONLY = ("starts_at", "ends_at", "seen", "fired")
"""What a listing says of a rule, and what is taken only so that it can be put again."""


@pytest.mark.parametrize(
    ("words", "schema"),
    [
        (models.Operation, SCHEMAS["OperationId"]),
        (models.FaultType, FAULT["type"]),
        (models.Status, OUTCOME["life"]["properties"]["steps"]["items"]["properties"]["status"]),
        (models.Decision, DECIDE["content"]["application/json"]["schema"]["properties"]["status"]),
    ],
)
def test_each_word_is_one_of_the_documents(words: Any, schema: Any) -> None:
    assert list(get_args(words)) == schema["enum"]


@pytest.mark.parametrize(
    ("form", "members"),
    [
        (models.RequestFilter, set(SCHEMAS["RequestFilter"]["properties"]) - {"operation"}),
        (models.Match, set(RULE["match"]["properties"])),
        (models.RuleLimits, set(RULE) - {"match", "then", *LISTED_ONLY}),
        (models.FaultDetails, set(FAULT) - {"type"}),
        (models.SettingsChange, set(SCHEMAS["SettingsChange"]["properties"])),
    ],
)
def test_each_form_has_the_members_of_the_document(form: Any, members: set[str]) -> None:
    assert set(form.__annotations__) == members
