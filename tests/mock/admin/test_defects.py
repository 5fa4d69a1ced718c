"""Defects, set by the admin API and at the start; what any of them makes of any request never breaks the mock."""

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billecta_mock.api.context import RequestContext
from billecta_mock.api.defects import DefectMiddleware
from billecta_mock.config import Settings
from billecta_mock.defects.catalogue import CATALOGUE, UnknownDefectError
from billecta_mock.defects.defect import Group
from billecta_mock.domain.world import Behaviour, Dataset
from billecta_mock.domain.world import World as Database
from billecta_mock.http import json_response
from billecta_mock.server.app import create_app
from billecta_mock.store.memory import Bounds, MemoryStore

ALL_AT_ONCE = [name for name, defect in CATALOGUE.items() if defect.group is not Group.TIMING]


def put(world: Any, *names: str) -> Any:
    return world.control("PUT", "/defects", json=list(names))


def names_of(response: Any) -> list[str]:
    return [defect["name"] for defect in response.json()["defects"]]


def test_the_catalogue_is_listed_whole_with_clause_and_sentence(world: Any) -> None:
    response = world.request("GET", "/__admin/defects")
    assert names_of(response) == list(CATALOGUE)
    assert response.json()["defects"][names_of(response).index("pdf-truncated")] == {
        "name": "pdf-truncated",
        "group": "documents",
        "clause": "PDF-2",
        "sentence": "The second half of every document is missing.",
    }


def test_the_catalogue_can_be_asked_for_a_group_and_a_clause(world: Any) -> None:
    found = world.request("GET", "/__admin/defects", params={"group": "timing", "clause": "MASK-4"})
    assert names_of(found) == ["hidden-invoice-told-by-time"]


def test_every_group_of_the_catalogue_can_be_asked_for(world: Any) -> None:
    for group in Group:
        assert world.request("GET", "/__admin/defects", params={"group": group}).json()["defects"]


def test_an_unknown_group_is_refused(world: Any) -> None:
    assert world.request("GET", "/__admin/defects", params={"group": "pdf"}).status_code == 400


def test_defects_replace_those_before_and_an_empty_list_ends_them(world: Any) -> None:
    assert names_of(put(world, "pdf-empty")) == ["pdf-empty"]
    assert world.invoice().content == b""
    assert names_of(put(world, "no-key-needed", "head-is-500", "no-key-needed")) == ["no-key-needed", "head-is-500"]
    assert world.invoice(key=None).content.startswith(b"%PDF-")
    assert names_of(world.control("GET", "/defects")) == ["no-key-needed", "head-is-500"]
    assert names_of(put(world)) == []
    assert world.invoice(key=None).status_code == 404


def test_an_unknown_defect_is_refused_with_its_place_and_changes_nothing(world: Any) -> None:
    put(world, "pdf-empty")
    refused = put(world, "pdf-empty", "pdf-empti")
    assert refused.status_code == 400
    assert refused.json()["message"] == "body, at /1: there is no defect 'pdf-empti'; did you mean 'pdf-empty'?"
    assert names_of(world.control("GET", "/defects")) == ["pdf-empty"]


@pytest.mark.parametrize("body", [{}, "pdf-empty", [1], None])
def test_a_body_that_is_no_list_of_names_is_refused(world: Any, body: Any) -> None:
    assert world.control("PUT", "/defects", json=body).status_code == 400


def test_an_unknown_world_has_no_defects(world: Any) -> None:
    for method, body in (("GET", {}), ("PUT", {"json": []})):
        assert world.request(method, "/__admin/worlds/nowhere/defects", **body).status_code == 404


def test_a_reset_ends_the_defects_of_a_world(world: Any) -> None:
    put(world, "pdf-empty")
    world.control("POST", "/reset")
    assert names_of(world.control("GET", "/defects")) == []
    assert world.invoice().content.startswith(b"%PDF-")


def test_defects_hold_for_one_world_alone(world: Any) -> None:
    other = world.other("other")
    put(world, "pdf-empty")
    assert other.invoice().content.startswith(b"%PDF-")


def test_the_journal_marks_what_a_defect_changed_and_nothing_else(world: Any) -> None:
    put(world, "pdf-empty", "key-case-ignored", "requestid-numeric")
    world.invoice(key="abc123")
    assert world.last_exchange()["marks"] == ["defect:key-case-ignored", "defect:pdf-empty"]
    world.invoice("9999999")
    assert world.last_exchange()["marks"] == []


def test_defects_of_the_start_hold_for_every_new_world_and_after_a_reset(start: Callable[..., Any]) -> None:
    world = start(defect=("pdf-empty",))
    other = world.other("other")
    assert world.invoice().content == other.invoice().content == b""
    put(other)
    assert other.invoice().content.startswith(b"%PDF-")
    other.control("POST", "/reset")
    assert other.invoice().content == b""


def test_a_start_with_an_unknown_defect_is_refused() -> None:
    with pytest.raises(UnknownDefectError):
        create_app(Settings(defect=("pdf-empti",)), Dataset())


def test_every_defect_survives_the_end_of_its_world() -> None:
    scope = {"type": "http", "raw_path": b"/", "method": "GET", "query_string": b"", "headers": []}
    for name, path in product(CATALOGUE, ("/payments/swish/a", "/fetch-invoice-pdf/1/", "/")):
        database = Database("gone", Dataset(), behaviour=Behaviour(defects=(name,)))
        visit = RequestContext(database, datetime(2026, 3, 2, tzinfo=UTC), [], None)
        visit.operation_id = "getSwishPayment"
        misbehaviour = DefectMiddleware(visit, scope, path, MemoryStore(Bounds(1, 1, 1)))
        misbehaviour.mutate_request()
        for status in (200, 201, 400, 404, 405):
            answer, _ = misbehaviour.mutate_response(
                json_response(status, {"requestid": "a", "requeststatus": "Created"})
            )
            assert answer.status in range(200, 600), name


METHODS = st.sampled_from(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
PATHS = st.one_of(
    st.sampled_from(["/", "", "/fetch-invoice-pdf/", "/payments/swish/", "//", "/FETCH", "/fetch-invoice-pdf/1001"]),
    st.builds("/fetch-invoice-pdf/{}/".format, st.text(max_size=20).map(lambda text: text.encode().hex("%").upper())),
    st.sampled_from(["/fetch-invoice-pdf/%FF%00/", "/payments/swish/%D8%00", "/payments/swish/action123"]),
)
QUERIES = st.text(alphabet="phonemsag=&+%0123456789AFåé🎉 ;", max_size=120)
HEADERS = st.dictionaries(
    st.sampled_from(["x-api-key", "cookie", "authorization", "range", "accept", "x-forwarded-for", "content-type"]),
    st.sampled_from(
        [b"ABC123", b"\xff\xfe", b"Basic \xc3\xa5", b"Basic OjA=", b"a=b; x-api-key", b"Bearer", b"", b","]
    ),
    max_size=3,
)


@pytest.fixture(scope="module")
def spoilt(start: Callable[..., Any]) -> Any:
    return start(defect=tuple(ALL_AT_ONCE))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_request_breaks_the_mock_whatever_its_defects(spoilt: Any, data: st.DataObject) -> None:
    put(spoilt, *data.draw(st.lists(st.sampled_from(ALL_AT_ONCE), max_size=40)))
    method, path, query = data.draw(METHODS), data.draw(PATHS), data.draw(QUERIES)
    response = spoilt.send(method, path, None, headers=data.draw(HEADERS), params=query)
    assert response.status_code
    assert spoilt.why() not in {"handler_failed", "contract_broken"}
