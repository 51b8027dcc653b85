"""The description of the API, its readable form, and the pages of the problem types."""

import pytest
from program import told

from opengallery.doors.problems.pages import kinds
from opengallery.kit.problems import Problem


def test_the_description(api):
    document = told(api.visitor.get("/openapi.json"))
    assert document["openapi"].startswith("3.1")
    assert document["components"]["securitySchemes"] == {"ApiKey": {"type": "http", "scheme": "bearer"}}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            assert operation["summary"], path
            assert operation["description"], path
            assert operation["security"], path
            for status, answer in operation["responses"].items():
                kinds_of = set(answer.get("content", {}))
                assert kinds_of <= {"application/problem+json"} or int(status) < 400, path
            headers = {row["name"] for row in operation["parameters"] if row["in"] == "header"}
            assert ("Idempotency-Key" in headers) == (method != "get"), path
    order = document["components"]["schemas"]["OrderPlacement"]
    assert order["examples"][0]["lines"]


def test_the_readable_form_comes_from_this_host(api, client):
    page = client.get("/api/v1/docs")
    assert page.status_code == 200
    text = page.content.decode()
    assert "swagger-ui" in text
    assert "//cdn" not in text
    assert "https://" not in text


@pytest.mark.django_db
def test_every_problem_has_its_page(client):
    page = client.get("/problems/")
    assert page.status_code == 200
    for slug, kind in kinds().items():
        assert f"/problems/{slug}/" in page.content.decode()
        for address in (f"/problems/{slug}", f"/problems/{slug}/"):
            one = client.get(address)
            assert (one.status_code, kind.title.split("’")[0][:20] in one.content.decode()) == (200, True)
        assert kind.advice, kind.slug
        assert kind.title.endswith("."), kind.slug
    assert client.get("/problems/never-heard-of/").status_code == 404


def test_slugs_are_unique():
    def below(parent):
        return [found for child in parent.__subclasses__() for found in (child, *below(child))]

    ours = [found for found in below(Problem) if found.__module__.startswith("opengallery.")]
    assert len({Problem.__new__(found).slug for found in ours}) == len(ours)
