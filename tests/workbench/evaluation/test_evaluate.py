"""A small part of the set through the app, the page that tells of it, and the command around both."""

from datetime import datetime, timezone

import pytest

from workbench import evaluate
from workbench.errors import BadInput
from workbench.evaluation import course, figures, real, result
from workbench.evaluation.document import document, frozen_in
from workbench.evaluation.peers import PEERS
from workbench.evaluation.set import make

TOLD = ("admin-takes-chief", "gmail-domain-wide-delegation", "on-call-at-night", "discovery-mailbox")
END = datetime(2026, 3, 2, tzinfo=timezone.utc)


@pytest.fixture(scope="module")
def labelled():
    """A few stories of a small organisation, those slices of the time in which the intrusions happen."""
    whole = make(1, END, 14, 60)
    part = [event for event in whole.records if event.story in TOLD]
    length = course.SLICE_DAYS * course.DAY
    busy = {event.time // length for event in part if event.step}
    kept = [event for event in part if event.time // length in busy]
    truth = [act for act in whole.truth if act["story"] in TOLD]
    # One slice before the first intrusion, so that a sweep has seen how things stood.
    return whole._replace(records=kept, truth=truth, start=(min(busy) - 1) * length)


@pytest.fixture(scope="module")
def judged(labelled, tmp_path_factory):
    told = []
    found = course.run(labelled, tmp_path_factory.mktemp("set"), told.append)
    assert told[-1] == len(course.slices(labelled))
    return found


def test_every_row_comes_from_a_record_of_a_story_and_none_is_lost(judged):
    assert {row["story"] for row in judged.rows} <= set(TOLD)
    assert judged.lost == []


def test_the_list_of_vips_and_the_directory_are_there(judged):
    row = next(row for row in judged.rows if row["story"] == "admin-takes-chief" and row["right"] == "full_access")
    assert (row["mailbox_vip"], row["relation"], row["identity_status"]) == ("true", "self_grant", "known")
    assert figures.scores(judged.rows)["admin-takes-chief/grant"] >= figures.HIGH


def test_what_a_sweep_finds_is_a_row_and_an_alert(judged):
    found = [row for row in judged.rows if row.get("change") == "new"]
    assert {row["story"] for row in found} == {"gmail-domain-wide-delegation"}
    assert {row["scene"] for row in found} == {"found"}


def test_an_alert_knows_whose_story_it_tells(judged):
    stories = {alert.detection: set(alert.stories) for alert in judged.alerts}
    assert "admin-takes-chief" in stories["Self-grant"]
    assert "gmail-domain-wide-delegation" in stories["Domain-wide delegation with mail scopes"]


@pytest.fixture(scope="module")
def evaluation(labelled, judged):
    return result.evaluate(1, labelled, judged, None)


def test_what_is_not_caught_is_a_missed_goal(evaluation):
    assert evaluation.missed()[0].startswith("not every intrusion is at 70 or above")
    assert "admin-takes-chief" not in evaluation.missed()[0]


def test_the_page_says_all_figures_and_what_was_left_out(evaluation):
    page = document(evaluation, "abc123")
    assert frozen_in(page) == "abc123"
    for peer in PEERS:
        assert f"| {peer.name} |" in page
    assert "| admin-takes-chief | 100 |" in page
    assert "Not asked: the collected records are not beside this checkout." in page
    assert "Not reached:" in page


def test_the_figures_are_plain_data(evaluation):
    data = result.plain(evaluation)
    assert data["mailboxes"] == 60
    assert {one["name"] for one in data["intrusions"] if one["score"] >= 70} >= {"admin-takes-chief"}


def test_a_set_that_is_too_small_is_refused():
    with pytest.raises(BadInput, match="at least"):
        make(1, END, 3, 10)


def test_a_page_of_another_set_is_a_miss(tmp_path, monkeypatch, capsys, evaluation):
    page = tmp_path / "evaluation.md"
    monkeypatch.setattr(evaluate, "PAGE", page)
    page.write_text(document(evaluation, evaluate.frozen_hash()), encoding="utf-8")
    assert evaluate.checked([]) == 0
    page.write_text(document(evaluation, "0123"), encoding="utf-8")
    assert evaluate.checked([]) == 1
    assert "another set" in capsys.readouterr().err
    assert evaluate.checked(["a goal"]) == 1


def test_the_page_that_is_there_was_made_from_this_set():
    assert frozen_in(evaluate.PAGE.read_text(encoding="utf-8")) == evaluate.frozen_hash()


def test_real_records_are_left_out_where_there_are_none(tmp_path):
    assert real.run(tmp_path / "shared", tmp_path / "home") is None


def test_every_real_record_is_read_and_the_intruders_grants_stand_above_the_harmless_one(shared, tmp_path):
    found = real.run(shared, tmp_path)
    assert found.unreadable == []
    scores = {label: [one.score for one in found.judged if one.label == label] for label in ("attack", "harmless")}
    assert min(scores["attack"]) > max(scores["harmless"])
