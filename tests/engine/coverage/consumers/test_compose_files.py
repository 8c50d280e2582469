from __future__ import annotations

from tests.engine.coverage.tools import Moved


def test_what_mounts_both_places_or_neither() -> None:
    for volume in (".:/app", "./shop/billing:/app/shop/billing", "shop:/var/lib/data", "/shop:/shop"):
        assert Moved({"compose.yml": f"services:\n  web:\n    volumes: ['{volume}']\n"}).told() == []
    assert Moved({"compose.yml": "services: {web: {volumes: ['.:/app', './shop:/x']}}\n"}).told() == []
    assert Moved({"compose.yml": "shop: [services]\n"}).told() == []


def test_a_directory_that_is_mounted_takes_the_new_place_beside_it() -> None:
    text = "services:\n  web:\n    volumes:\n      - ./shop:/app/shop:ro\n      - data:/var\n"
    moved = Moved({"docker-compose.dev.yml": text})
    assert moved.told() == ["docker-compose.dev.yml:4 ./shop:/app/shop:ro: mounted -> "]
    new = "      - ./products/stock/backend:/app/products/stock/backend:ro\n"
    assert moved.mended() == {"docker-compose.dev.yml": text.replace(":ro\n", ":ro\n" + new)}


def test_a_long_mount_and_a_watch_are_listed() -> None:
    text = "services:\n  a:\n    volumes:\n      - {type: bind, source: ./shop, target: /s}\n    develop:\n      watch:\n        - path: ./shop\n"
    assert Moved({"compose.yaml": text}).told() == [
        "compose.yaml:4 ./shop: mounted -> ", "compose.yaml:7 ./shop: mounted -> ",
    ]  # fmt: skip
