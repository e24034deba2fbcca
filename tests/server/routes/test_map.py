"""`/api/map`: the points of a wall, their scores, and where a query lies."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

import cavewall
from cavewall.testing import FakeEncoder
from tests.mapped import mapped_wall
from tests.server.served import HOSTILE, Serve

AREA = "-2,-2,0,-2,0,2,-2,2"


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> cavewall.Wall:
    """A wall of enough pictures for UMAP, which nobody has computed."""
    return mapped_wall(tmp_path_factory.mktemp("map") / "wall", 40)


def told(client: TestClient, address: str) -> Any:
    answer = client.get(address)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_points_are_the_walls_map(serve: Serve, known: cavewall.Wall) -> None:
    client, found = serve(known), known.map.build()
    answer = client.get("/api/map/points")
    assert answer.headers["content-type"] == "application/octet-stream"
    data = answer.content
    assert len(data) == 40 * 10
    np.testing.assert_array_equal(np.frombuffer(data, "<f4", 40), found.positions[:, 0])
    np.testing.assert_array_equal(np.frombuffer(data, "<f4", 40, 160), found.positions[:, 1])
    np.testing.assert_array_equal(np.frombuffer(data, "<u2", 40, 320), found.clusters)


def test_points_that_the_client_has_are_not_sent_again(client: TestClient) -> None:
    tag = client.get("/api/map/points").headers["etag"]
    again = client.get("/api/map/points?version=2", headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    # Another wall may stand there tomorrow: whoever has points asks whether they still are.
    assert again.headers["cache-control"] == "private, no-cache"


def test_groups_are_the_walls(serve: Serve, known: cavewall.Wall) -> None:
    answer = told(serve(known), "/api/map")
    assert answer["clusters"] == [cluster.to_dict() for cluster in known.map.build().names]
    assert (answer["layout"], answer["pictures"]) == ("pca", 40)


def test_a_layout_that_is_not_ready_is_told_and_not_shown(
    serve: Serve, known: cavewall.Wall
) -> None:
    client = serve(known)
    states = told(client, "/api/map")["layouts"]
    assert [state["state"] for state in states] == ["ready", "absent"]
    answer = client.get("/api/map/points?layout=umap")
    assert answer.status_code == 404
    assert answer.json()["detail"].startswith("the layout umap is not made yet")
    for asked in (f"/api/search?q=dog&area={AREA}&layout=umap", "/api/map/places?q=a&layout=umap"):
        answer = client.get(asked)
        assert answer.status_code == 422
        assert answer.json()["detail"].startswith("the layout umap of version 2 is not made yet")


def test_scores_are_those_of_the_search(serve: Serve, known: cavewall.Wall) -> None:
    client = serve(known)
    where = "metadata.nr%20<%2020"
    data = client.get(f"/api/map/scores?q=a%20dog%20-%20bus&rule=add&where={where}").content
    scores = np.frombuffer(data, "<f4")
    expected = known.map.scores("a dog - bus", "add", "metadata.nr < 20")
    np.testing.assert_array_equal(scores, expected)
    assert np.isnan(scores[20:]).all()
    assert not np.isnan(scores[:20]).any()
    literal = np.frombuffer(client.get("/api/map/scores?q=dog%20-%20dog&literal=1").content, "<f4")
    np.testing.assert_array_equal(literal, known.map.scores(cavewall.text("dog - dog")))


def test_pictures_are_told_by_their_places_and_one_by_its_id(client: TestClient) -> None:
    answer = told(client, "/api/map/pictures?at=2,0")
    assert [each["image_id"] for each in answer["pictures"]] == ["snow-dog.jpg", "beach-dog.jpg"]
    assert answer["pictures"][0]["captions"] == ["a dog plays in the snow"]
    assert told(client, "/api/map/pictures?image_id=snow-dog.jpg")["pictures"][0]["at"] == 2


def test_hostile_ids_are_found(tmp_path: Path, serve: Serve) -> None:
    wall = cavewall.open(tmp_path / "wall", FakeEncoder())
    wall.add([cavewall.Picture(name, (f"dog {name}",)) for name in HOSTILE], missing="keep")
    client = serve(wall)
    for name in HOSTILE:
        answer = client.get("/api/map/pictures", params={"image_id": name})
        assert answer.json()["pictures"][0]["image_id"] == name


def test_places_are_the_walls(client: TestClient, toy: cavewall.Wall) -> None:
    answer = told(client, "/api/map/places?q=a%20dog%20-%20snow&to=boat&steps=3")
    assert answer == toy.map.project("a dog - snow", to="boat", steps=3).to_dict()
    assert "path" not in told(client, "/api/map/places?q=a%20dog")


def test_a_search_in_an_area(serve: Serve, known: cavewall.Wall) -> None:
    client, found = serve(known), known.map.build()
    answer = told(client, f"/api/search?q=dog&k=40&area={AREA}")
    inside = {found.ids[at] for at in np.flatnonzero(found.positions[:, 0] < 0)}
    assert {hit["image_id"] for hit in answer["hits"]} == inside
    assert answer["area"] == {"layout": "pca", "corners": [[-2, -2], [0, -2], [0, 2], [-2, 2]]}
    body = {"q": "dog", "k": 40, "area": AREA, "layout": "pca"}
    assert client.post("/api/search", json=body).json()["hits"] == answer["hits"]


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("/api/map?layout=tsne", "layout: input should be 'pca' or 'umap'"),
        ("/api/map?x=1", "there is no parameter 'x': there are layout, version"),
        ("/api/map?version=3", "there is no version 3"),
        ("/api/map/points?version=0", "version: input should be greater"),
        ("/api/map/scores", "q: field required"),
        ("/api/map/scores?q=dog%20-cat", "white space before - but none after"),
        ("/api/map/scores?q=image(%22/etc/passwd%22)", "image() names a file of the machine"),
        ("/api/map/scores?q=dog&where=path%20is%20missing", "there is no field path over HTTP"),
        ("/api/map/pictures", "ask for pictures by `at` or for one by `image_id`"),
        ("/api/map/pictures?at=1&image_id=a", "ask for pictures by `at`"),
        ("/api/map/pictures?at=", "at: string should match pattern"),
        ("/api/map/pictures?at=1,-2", "at: string should match pattern"),
        ("/api/map/pictures?at=" + ",".join(["1"] * 201), "at: string should match pattern"),
        ("/api/map/pictures?at=6", "there is no picture at 6: version 2 has 6 pictures"),
        ("/api/map/pictures?image_id=nobody", "there is no picture 'nobody' on this wall"),
        ("/api/map/places?q=dog%20-%20dog", "`dog - dog` cancels out to nothing"),
        ("/api/map/places?q=dog&to=image(%22a%22)", "image() names a file of the machine"),
        ("/api/map/places?q=dog&to=cat&steps=101", "steps: input should be less than"),
        ("/api/search?q=dog&area=0,0,1,1", "an area has 3 to 64 corners, not 2"),
        ("/api/search?q=dog&area=0,0,1,1,nan,1", "an area's corner is a place on the map"),
        ("/api/search?q=dog&area=a,b", "an area is written x1,y1,x2,y2,…: could not convert"),
    ],
)
def test_what_cannot_be_asked_is_told_in_a_sentence(
    client: TestClient, address: str, says: str
) -> None:
    answer = client.get(address)
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith(says)


@pytest.mark.parametrize("pictures", [1, 3])
def test_a_few_pictures_have_a_map(tmp_path: Path, serve: Serve, pictures: int) -> None:
    client = serve(mapped_wall(tmp_path / "wall", pictures))
    for layout in ("pca", "umap"):
        assert told(client, f"/api/map?layout={layout}")["layout"] == layout
        data = client.get(f"/api/map/points?layout={layout}").content
        assert np.isfinite(np.frombuffer(data, "<f4", 2 * pictures)).all()
