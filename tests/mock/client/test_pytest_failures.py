"""What a failing test of a project shows: what was seen instead, and what happened in its world."""

import pytest

pytest_plugins = ["pytester"]


def test_a_claim_that_does_not_hold_says_what_was_seen_instead(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import requests
        from billecta_mock.client import at_least, exactly

        def test_it(billecta_world):
            headers = {"x-api-key": billecta_world.api_key}
            create = billecta_world.base_url + "/payments/swish/action123"
            requests.post(create + "?phone=46701740605&message=Hej", headers=headers, timeout=10)
            requests.post(create + "?phoneNumber=46701740605&message=Hej", headers=headers, timeout=10)
            billecta_world.requests.assert_sequence(
                exactly(2, "createSwishPayment", phone="46701740605"), at_least(1, "getSwishPayment")
            )
        """
    )
    result = project.runpytest_inprocess()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            ">*billecta_world.requests.assert_sequence(",
            "E*AssertionError: sequence, claim 1: wanted exactly 2 requests with operation createSwishPayment, *",
            "E*almost: #2, but phone is nothing, not 46*05",
            "E*what the world 'test_it-*' saw:",
            "E*#1 *POST /payments/swish/action123[?]phone=46*05&message=Hej -> 201",
            "E*#2 *-> 400",
            "E*parameter_missing: phone is required in the query string and is missing",
            "E*'phoneNumber' was probably meant to be 'phone'",
            "*- Billecta mock, world test_it-* -*",
            "payment *  phone 46[*][*][*]05, message 'Hej': Created * (requested)",
            "clock real, at *",
        ],
        consecutive=False,
    )
    result.stdout.no_fnmatch_line("*mock_server/billecta_mock/client*")


def test_any_other_failure_shows_what_happened_in_the_world_and_why(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import pytest
        import requests

        @pytest.fixture
        def api(billecta_world):
            billecta_world.faults.add("CONNECTION_RESET_BY_PEER", operation="getSwishPayment", name="resets")
            billecta_world.defects.set("pdf-truncated")
            return billecta_world.base_url

        def test_a_wrong_key(api):
            answer = requests.get(api + "/fetch-invoice-pdf/1001", headers={"x-api-key": "abc"}, timeout=10)
            assert answer.status_code == 200

        def test_a_lost_connection(api):
            requests.get(api + "/payments/swish/x", headers={"x-api-key": "ABC123"}, timeout=10)

        @pytest.fixture
        def broken(api):
            requests.get(api + "/fetch-invoice-pdf/none/", headers={"x-api-key": "ABC123"}, timeout=10)
            raise RuntimeError("no more")

        def test_a_broken_fixture(broken):
            pass
        """
    )
    result = project.runpytest_inprocess()
    result.assert_outcomes(failed=2, errors=1)
    result.stdout.fnmatch_lines(["*invoice_unknown: *"])
    result.stdout.fnmatch_lines(
        [
            "*Billecta mock, world test_a_wrong_key-*",
            "#1 *GET /fetch-invoice-pdf/1001 -> 404",
            "*route_unknown: *",
            "*a slash belongs at the end",
            "fault resets: fired for 0 of 0 requests",
            "defect pdf-truncated",
            "*Billecta mock, world test_a_lost_connection-*",
            "#1 *GET /payments/swish/x -> no answer",
            "*by *fault:CONNECTION_RESET_BY_PEER",
            "fault resets: fired for 1 of 1 requests",
        ],
        consecutive=False,
    )


def test_a_test_that_passes_shows_nothing(project: pytest.Pytester) -> None:
    project.makepyfile("def test_it(billecta_world): pass")
    result = project.runpytest_inprocess("-rA")
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("*Billecta mock*")


def test_what_the_control_plane_refuses_is_said_at_the_line_of_the_test(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        def test_a_bundle(billecta_world):
            billecta_world.apply("flaky-netwrok")

        def test_an_option(billecta_world):
            billecta_world.faults.add("STATUS", statsu=503)
        """
    )
    result = project.runpytest_inprocess()
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(
        [
            ">*billecta_world.apply(*",
            "E*404, there is no bundle 'flaky-netwrok'; did you mean 'flaky-network'?",
            ">*billecta_world.faults.add(*",
            "E*there is no option 'statsu'; did you mean 'status'?",
        ],
        consecutive=False,
    )
    result.stdout.no_fnmatch_line("*mock_server/billecta_mock/client*")


def test_a_server_that_ended_before_the_test_failed_hides_no_failure(project: pytest.Pytester) -> None:
    project.makeconftest(
        """
        import pytest
        from billecta_mock.client import MockClient
        from billecta_mock import MockServer

        @pytest.fixture(scope="session")
        def server():
            with MockServer() as server:
                yield server

        @pytest.fixture(scope="session")
        def billecta_mock(server):
            yield MockClient(server.origin)
        """
    )
    project.makepyfile(
        """
        def test_it(billecta_world, server):
            server.stop()
            assert 1 == 2
        """
    )
    result = project.runpytest_inprocess()
    result.stdout.fnmatch_lines(["E*assert 1 == 2"])
    result.stdout.fnmatch_lines(["what happened there cannot be told: no mock server answers at http://127.0.0.1:*"])


def test_a_seed_that_is_none_is_said_in_one_sentence(project: pytest.Pytester) -> None:
    project.makeconftest(
        """
        import pytest

        @pytest.fixture
        def billecta_seed():
            return {"keys": [{"key": ""}]}
        """
    )
    project.makepyfile("def test_it(billecta_world): pass")
    result = project.runpytest_inprocess()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["billecta_seed: body, /keys/0*"])
    said = result.stdout.str().partition("short test summary")[0]
    assert said.count("billecta_seed: ") == 1
    assert "billecta_mock/" not in said
