import re

import pytest
import yaml

from core.config import REPOSITORY, Home
from tests.ops.metrics_export.catalogue import all_metrics
from tests.ops.metrics_export.reading import families
from tests.ops.metrics_export.scene import Scene

DOCUMENT = (REPOSITORY / "docs" / "monitoring.md").read_text()
ROW = re.compile(r"^\| `(\w+)` \| (\w+) \| ([^|]*) \| (\w+) \| (.+) \|$", re.MULTILINE)


@pytest.fixture(scope="module")
def scraped(tmp_path_factory):
    scene = Scene(Home(tmp_path_factory.mktemp("home")))
    return {"engine": families(scene.engine()), "dashboard": families(scene.dashboard())}


def documented():
    rows = ROW.findall(DOCUMENT)
    assert len(rows) > 50
    assert len({row[0] for row in rows}) == len(rows)
    return rows


def test_the_documentation_lists_what_each_process_tells_and_nothing_else(scraped):
    told = {
        (name, kind, process)
        for name, kind, _, where, _ in documented()
        for process in (("engine", "dashboard") if where == "both" else (where,))
    }
    exposed = {
        (name, family.type, process)
        for process, found in scraped.items()
        for name, family in found.items()
    }
    assert told == exposed


def test_the_documentation_says_of_each_metric_what_the_scrape_says():
    told = {(n, k, tuple(re.findall(r"`(\w+)`", s)), m) for n, k, s, _, m in documented()}
    assert told == {(m.name, m.kind, m.labels, m.meaning) for m in all_metrics()}


def test_every_name_is_in_base_units(scraped):
    for found in scraped.values():
        for name, family in found.items():
            assert re.fullmatch(r"(trading|process)_[a-z0-9_]+", name), name
            assert not re.search(r"_(ms|kb|mb|pct|minutes|hours)(_|$)", name), name
            assert family.documentation.endswith("."), name


def test_the_examples_in_the_documentation_are_yaml_about_metrics_that_exist():
    scrape, rules = (
        yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", DOCUMENT, re.S)
    )
    assert [job["static_configs"][0]["targets"] for job in scrape["scrape_configs"]] == [
        ["127.0.0.1:8051"],
        ["127.0.0.1:8050"],
    ]
    known = {metric.name for metric in all_metrics()}
    named = re.findall(r"\btrading_\w+", " ".join(r["expr"] for r in rules["groups"][0]["rules"]))
    assert len(named) > 10
    assert {name.removesuffix("_bucket") for name in named} <= known
