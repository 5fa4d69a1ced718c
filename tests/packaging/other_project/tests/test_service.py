import pytest

fastapi = pytest.importorskip("fastapi")
pytest.importorskip("pytest_asyncio")


@pytest.mark.asyncio
async def test_an_application_of_the_project_answers() -> None:
    from fastapi.testclient import TestClient

    app = fastapi.FastAPI()
    app.get("/")(lambda: {"owner": "the project"})
    assert TestClient(app).get("/").json() == {"owner": "the project"}
