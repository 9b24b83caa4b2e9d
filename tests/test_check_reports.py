"""What a check says of sites, rows of the profile and models; its forms; and what it learns."""

from __future__ import annotations

import dataclasses
import datetime
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from llm_codemods.call_shape import Unseen, Why
from llm_codemods.check_report import (
    CheckReport,
    Conclusion,
    EndpointReport,
    SiteVerdict,
    Unlisted,
    build,
    judge,
)
from llm_codemods.profile import Confidence, Model, Status
from llm_codemods.proof import Outcome, Proof
from llm_codemods.requirements import Location, Needs, Requirement, SiteNeeds
from llm_codemods.text import text
from llm_migrate import settings
from llm_migrate.app import main
from llm_migrate.errors import UserError
from llm_migrate.live import learned
from llm_migrate.live.claims import attributed, claim_of, retargeted
from llm_migrate.live.emulator import running
from llm_migrate.render.check_markdown import as_markdown
from llm_migrate.render.junit import as_junit
from llm_migrate.render.layout import width
from llm_migrate.render.proofs import as_data, as_text, plan_as_text, plan_rows, summary
from test_check_live import GATEWAY, GATEWAY_TOML, completion, fault, serving

HERE = Location("app/main.py", 7)
CHAT, SEED, STREAM = Requirement("chat", "talk"), Requirement("seed", "talk", value=7), Requirement("stream", "talk")
HIDDEN = Unseen("verbosity", Why.VARIABLE)
SAID = Unseen("messages", Why.VARIABLE, settled=True)


def proof(need: Requirement, outcome: Outcome = Outcome.WORKS, claim: Status | None = Status.SAME) -> Proof:
    return Proof(need, outcome, text("so it <is> | said"), claim, 0.25, row=("features", need.feature))


def site(*needs: Requirement, may: tuple[Requirement, ...] = (), unseen: tuple[Unseen, ...] = ()) -> SiteNeeds:
    return SiteNeeds(HERE, "call", "chat.completions.create", (), needs, may, unseen)


def report(sites: tuple[SiteNeeds, ...], *proofs: Proof) -> CheckReport:
    """Return the report of sites, of which the proofs hold."""
    placed = {need for one in sites for need in one.needs}
    located = tuple(
        dataclasses.replace(p, requirement=dataclasses.replace(p.requirement, locations=(HERE,)))
        if p.requirement in placed
        else p
        for p in proofs
    )
    needs = Needs(tuple(p.requirement for p in located), sites)
    return CheckReport((build(GATEWAY, "cn", "https://gateway.example/v1", needs, located),))


# --- verdicts ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcomes", "unseen", "expected"),
    [
        ((Outcome.WORKS, Outcome.WORKS), (), SiteVerdict.PROVED),
        ((Outcome.WORKS, Outcome.WORKS), (SAID,), SiteVerdict.PROVED),
        ((Outcome.WORKS, Outcome.WORKS), (HIDDEN,), SiteVerdict.NOT_PROVABLE),
        ((Outcome.WORKS, Outcome.SKIPPED), (), SiteVerdict.UNPROVEN),
        ((Outcome.WORKS, Outcome.SKIPPED), (HIDDEN,), SiteVerdict.NOT_PROVABLE),
        ((Outcome.DIFFERS, Outcome.IGNORED), (HIDDEN,), SiteVerdict.DIFFERS),
        ((Outcome.IGNORED, Outcome.SKIPPED), (), SiteVerdict.IGNORED),
        ((Outcome.DIFFERS, Outcome.REFUSED), (), SiteVerdict.REFUSED),
        ((Outcome.BROKEN, Outcome.REFUSED), (), SiteVerdict.BROKEN),
    ],
)
def test_a_site_is_as_the_worst_of_what_it_needs(
    outcomes: tuple[Outcome, Outcome], unseen: tuple[Unseen, ...], expected: SiteVerdict
) -> None:
    proofs = {need: proof(need, outcome) for need, outcome in zip((CHAT, SEED), outcomes, strict=True)}
    assert judge(site(CHAT, SEED, unseen=unseen), proofs).verdict is expected


def test_a_site_of_which_nothing_was_asked_is_not_proved() -> None:
    assert judge(site(CHAT), {}).verdict is SiteVerdict.UNPROVEN


def test_what_a_site_may_need_settles_or_hinders() -> None:
    one = site(CHAT, may=(STREAM,), unseen=(Unseen("stream", Why.VARIABLE, settled=True),))
    assert judge(one, {CHAT: proof(CHAT), STREAM: proof(STREAM)}).verdict is SiteVerdict.PROVED
    hindered = judge(one, {CHAT: proof(CHAT), STREAM: proof(STREAM, Outcome.REFUSED)})
    assert hindered.verdict is SiteVerdict.NOT_PROVABLE
    assert [unseen.name for unseen in hindered.hindrances] == ["stream"]


@pytest.mark.parametrize(
    ("sites", "proofs", "expected"),
    [
        ((site(CHAT),), (proof(CHAT),), Conclusion.PROVED),
        ((site(CHAT),), (proof(CHAT, Outcome.REFUSED, Status.REJECTED),), Conclusion.INCOMPATIBLE),
        ((site(CHAT),), (proof(CHAT, Outcome.SKIPPED),), Conclusion.UNPROVEN),
        ((site(CHAT, unseen=(HIDDEN,)),), (proof(CHAT),), Conclusion.UNPROVEN),
        ((site(CHAT),), (proof(CHAT), proof(SEED, Outcome.IGNORED)), Conclusion.INCOMPATIBLE),
        ((), (proof(CHAT), proof(SEED, Outcome.REFUSED, Status.REJECTED)), Conclusion.PROVED),
        ((), (proof(CHAT), proof(SEED, Outcome.REFUSED, Status.UNKNOWN)), Conclusion.PROVED),
        ((), (proof(CHAT, Outcome.BROKEN, Status.UNKNOWN),), Conclusion.INCOMPATIBLE),
        ((site(CHAT, may=(SEED,)),), (proof(CHAT), proof(SEED, Outcome.REFUSED, None)), Conclusion.UNPROVEN),
        ((site(CHAT, may=(SEED,)),), (proof(CHAT), proof(SEED, Outcome.REFUSED)), Conclusion.INCOMPATIBLE),
    ],
)
def test_what_a_check_comes_to(sites: tuple[SiteNeeds, ...], proofs: tuple[Proof, ...], expected: Conclusion) -> None:
    assert report(sites, *proofs).conclusion is expected


def test_why_something_was_not_asked_is_said_once() -> None:
    skipped = (proof(CHAT, Outcome.SKIPPED), proof(SEED, Outcome.SKIPPED), proof(STREAM))
    alone = report((site(CHAT, SEED),), *skipped)
    assert as_text(alone).count("so it <is> | said") == 1
    assert "chat, seed 7: skipped, so it <is> | said" in as_text(alone)
    several = report((site(CHAT, SEED), site(SEED, STREAM), site(CHAT)), *skipped)
    assert as_text(several).count("so it <is> | said") == 1
    assert as_text(several).count("app/main.py:7") == 3
    general = report((), *skipped, proof(Requirement("models"), Outcome.SKIPPED))
    assert "- chat, seed 7, models: skipped, so it <is> | said" in as_text(general)
    assert as_text(general, verbose=True).count("so it <is> | said") == 4


def test_a_model_that_is_named_is_not_unseen_any_more() -> None:
    hidden = Unseen("model", Why.VARIABLE)
    needs = Needs((Requirement("chat"),), (site(Requirement("chat"), unseen=(hidden,)),))
    assert retargeted(needs, GATEWAY, None, None).sites[0].unseen == (hidden,)
    assert retargeted(needs, GATEWAY, "mine", None).sites[0].unseen[0].settled


def test_rows_that_are_contradicted() -> None:
    (endpoint,) = report((), proof(CHAT), proof(SEED, Outcome.IGNORED), proof(STREAM, Outcome.REFUSED)).endpoints
    assert [(one.row, one.claim) for one in endpoint.disagreements] == [
        (("features", "seed"), Status.SAME),
        (("features", "stream"), Status.SAME),
    ]


# --- models that are not listed ---------------------------------------------------------------------------------------


def listing(*names: str, complete: bool = True, served: Outcome = Outcome.REFUSED) -> EndpointReport:
    feature = GATEWAY.features["models"]
    status = Status.SAME if complete else Status.LIMITED
    old = dataclasses.replace(GATEWAY.models["talk"], replaced_by="talk-next")
    profile = dataclasses.replace(
        GATEWAY,
        features={**GATEWAY.features, "models": dataclasses.replace(feature, status=status)},
        models={**GATEWAY.models, "talk": old},
    )
    proofs = (
        dataclasses.replace(proof(Requirement("models")), listed=names),
        proof(Requirement("model", "talk"), served),
    )
    return build(profile, "cn", "https://gateway.example/v1", Needs(), proofs)


def test_absence_from_a_complete_list_means_something() -> None:
    assert listing("talk").unlisted == ()
    assert listing("other", complete=False).unlisted == ()
    assert listing("other").unlisted == (Unlisted("talk", served=False, successors=("talk-next",)),)
    (one,) = listing("talk-2", "walk", served=Outcome.WORKS).unlisted
    assert one == Unlisted("talk", served=True, successors=("talk-next", "talk-2", "walk"))


def test_the_command_tells_which_models_are_not_listed(capsys: pytest.CaptureFixture[str]) -> None:
    names = {"object": "list", "data": [{"id": "talk-2", "object": "model"}]}

    def respond(_: dict[str, Any], request: Request) -> Response:
        return JSONResponse(names if request.url.path.endswith("/models") else completion())

    with serving(fault(respond)) as url:
        assert main(["check", "--to", str(GATEWAY_TOML), "--base-url", url, "--format", "json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert {"model": "talk", "served": True, "successors": ["talk-2"]} in document["unlisted"]


# --- forms ------------------------------------------------------------------------------------------------------------

MIXED = report(
    (
        site(CHAT),
        dataclasses.replace(site(CHAT, SEED), location=Location("app/main.py", 20)),
        dataclasses.replace(site(CHAT, unseen=(HIDDEN,)), location=Location("notes.ipynb", 3, 2)),
    ),
    proof(CHAT),
    proof(SEED, Outcome.IGNORED),
    proof(Requirement("bad-key"), Outcome.SKIPPED),
    proof(Requirement("models"), Outcome.BROKEN),
)


def test_text_begins_with_what_it_comes_to_and_ends_with_the_coverage() -> None:
    lines = as_text(MIXED).splitlines()
    assert lines[0] == "✗ incompatible: gateway (https://gateway.example/v1)"
    assert lines[-1] == "coverage: 1 of 3 sites proved, 1 not provable, 1 ignored"
    first, second = (lines.index(line) for line in lines if line.startswith(("○ ignored ", "? not provable ")))
    assert first < second, "the worst come first"
    assert "app/main.py:20" in lines[first]
    assert lines[second + 1].strip() == "the value of verbosity cannot be seen"
    assert "app/main.py:7" not in "\n".join(lines), "it is proved"
    assert "  ≠ features › seed: the profile says works" in lines
    assert max(map(width, lines)) <= 80


def test_verbose_text_has_all_sites_and_proofs() -> None:
    said = as_text(MIXED, verbose=True)
    assert "✓ proved  app/main.py:7  chat.completions.create" in said
    assert "✓ works    chat" in said
    assert max(map(width, said.splitlines())) <= 80


def test_the_summary_says_how_it_ended() -> None:
    assert summary(MIXED).startswith("incompatible; 4 probes: 1 works, 1 ignored, 1 broken, 1 skipped; in 2 ")


def test_json_maps_sites_to_proofs_and_rows() -> None:
    data = json.loads(json.dumps(as_data(MIXED)))
    assert (data["schema"], data["conclusion"]) == (2, "incompatible")
    assert data["coverage"] == {
        **{"sites": 3, "proved": 1, "unproven": 0, "not-provable": 1},
        **{"ignored": 1, "differs": 0, "refused": 0, "broken": 0},
    }
    first, second, third = data["sites"]
    assert [data["proofs"][number]["feature"] for number in second["proofs"]] == ["chat", "seed"]
    assert (first["verdict"], second["verdict"], third["verdict"]) == ("proved", "ignored", "not-provable")
    assert third["cell"] == 2
    assert third["unseen"][0] == {
        **{"name": "verbosity", "why": "variable", "detail": None, "hinders": True},
        "message": "the value of verbosity cannot be seen",
    }
    rows = [(one["row"], one["proofs"]) for one in data["disagreements"]]
    assert rows == [(["features", "seed"], [1]), (["features", "models"], [3])]


def test_junit_has_one_case_a_requirement() -> None:
    root = ET.fromstring(as_junit(MIXED))
    (suite,) = root
    assert {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped")} == {
        **{"tests": "4", "failures": "2", "errors": "0", "skipped": "1"}
    }
    cases = {case.get("name"): case for case in suite}
    assert set(cases) == {"chat, talk", "seed 7, talk", "bad-key", "models"}
    assert list(cases["chat, talk"]) == []
    (failure,) = cases["seed 7, talk"]
    assert failure.tag == "failure"
    assert failure.get("message") == "so it <is> | said"
    assert "app/main.py:7" in (failure.text or "")
    assert [child.tag for child in cases["bad-key"]] == ["skipped"]
    assert [child.get("type") for child in cases["models"]] == ["broken"]


ATTRIBUTES = {
    "testsuites": {"name"},
    "testsuite": {"name", "tests", "failures", "errors", "skipped", "time"},
    "testcase": {"name", "classname", "time"},
    "skipped": {"message"},
    "failure": {"message", "type"},
}
"""What the usual schema of JUnit's XML allows, as far as it is used here."""


def test_junit_keeps_to_the_schema_and_xml() -> None:
    odd = dataclasses.replace(proof(SEED, Outcome.REFUSED), evidence=text("{said}", said="a\x00b\x1b[31m\ud800 ]]>"))
    for one in (MIXED, report((), odd)):
        root = ET.fromstring(as_junit(one))
        for element in root.iter():
            assert set(element.attrib) == ATTRIBUTES[element.tag]
            assert all(child.tag in ATTRIBUTES for child in element)
        numbers = [float(element.get("time", "0")) for element in root.iter()]
        assert all(number >= 0 for number in numbers)


def test_markdown_is_fit_for_a_comment() -> None:
    lines = as_markdown(MIXED).splitlines()
    assert lines[0] == "### incompatible: llm-migrate check"
    assert "**coverage: 1 of 3 sites proved, 1 not provable, 1 ignored**" in lines
    rows = [line for line in lines if line.startswith("| ")]
    assert all(line.count(" | ") == 2 for line in rows), "what is said breaks no table"
    assert any("`app/main.py:20`" in line and "○ ignored" in line for line in rows)
    assert any("features › seed" in line for line in rows)
    assert "<details><summary>1 site proved</summary>" in lines


def test_markdown_of_many_sites_fits_a_comment() -> None:
    hidden = tuple(Unseen(f"parameter_{n}", Why.VARIABLE) for n in range(40))
    many = tuple(
        dataclasses.replace(site(CHAT, unseen=hidden), location=Location(f"{'deep/' * 20}{n}.py", n))
        for n in range(500)
    )
    said = as_markdown(report(many, proof(CHAT)))
    assert len(said) < 65_536
    assert "and 440 more" in said


def test_an_empty_report_has_every_form() -> None:
    empty = CheckReport((build(GATEWAY, "cn", "https://gateway.example/v1", Needs(), ()),))
    assert empty.conclusion is Conclusion.PROVED
    assert as_text(empty)
    assert ET.fromstring(as_junit(empty))[0].get("tests") == "0"
    assert as_markdown(empty)
    assert as_data(empty)["proofs"] == []


# --- the command ------------------------------------------------------------------------------------------------------

CODE = """\
import os
from openai import OpenAI
client = OpenAI(api_key=os.environ["OPENAI_API_KEY"])

def ask(question, level):
    client.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": question}], seed=7)
    client.chat.completions.create(model="gpt-4o-mini", messages=[], verbosity=level)
"""


@pytest.fixture
def code(tmp_path: Path) -> Path:
    (tmp_path / "app.py").write_text(CODE)
    return tmp_path


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with running(GATEWAY) as url:
        yield url


@pytest.mark.parametrize("form", ["text", "json", "junit", "markdown"])
def test_a_check_of_code_in_each_form(code: Path, endpoint: str, form: str, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["check", str(code), "--to", str(GATEWAY_TOML), "--base-url", endpoint, "--format", form]
    assert main(arguments) == 1, "one site cannot be proved"
    streams = capsys.readouterr()
    assert streams.err.splitlines()[-1].startswith("could not tell; ")
    match form:
        case "json":
            document = json.loads(streams.out)
            assert [one["verdict"] for one in document["sites"]] == ["proved", "not-provable"]
            assert (document["conclusion"], document["emulated"]) == ("unproven", True)
        case "junit":
            names = [case.get("name") for case in ET.fromstring(streams.out).iter("testcase")]
            assert "seed 7, talk" in names
        case "markdown":
            assert "1 of 2 sites proved" in streams.out
        case _:
            assert streams.out.splitlines()[0].startswith("? could not tell: gateway (")
            assert "an emulator answered" in streams.out
            assert "the value of verbosity cannot be seen" in streams.out


def test_the_plan_names_requirements_and_sites(code: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["check", str(code), "--to", str(GATEWAY_TOML), "--list"]
    assert main([*arguments, "--format", "json"]) == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)["requests"]}
    assert [place["line"] for place in rows["seed 7"]["sites"]] == [6]
    assert [place["line"] for place in rows["chat"]["sites"]] == [6, 7]
    assert rows["bad-key"]["sites"] == []
    assert main([*arguments, "-v"]) == 0
    lines = capsys.readouterr().out.splitlines()
    (at,) = (number for number, line in enumerate(lines) if line.startswith("seed 7"))
    assert "sites: 1" in lines[at]
    assert lines[at + 1].strip() == "app.py:6"


def test_a_plan_of_nothing_is_empty() -> None:
    from llm_migrate.commands.connecting import connect

    assert plan_as_text(plan_rows(connect(GATEWAY), Needs())) == ""


# --- learning ---------------------------------------------------------------------------------------------------------

TODAY = datetime.date(2026, 11, 21)


def held(*proofs: Proof) -> list[Proof]:
    return [attributed(one, GATEWAY) for one in proofs]


def loaded(tmp_path: Path, written: str) -> Any:
    (tmp_path / "learned.toml").write_text(written)
    return settings.load_profile(str(tmp_path / "learned.toml"))


def learn(tmp_path: Path, *proofs: Proof) -> Any:
    """Return the gateway's profile with what was seen."""
    return loaded(tmp_path, learned.overlay(GATEWAY, str(GATEWAY_TOML), held(*proofs), "https://x.example/v1", TODAY))


@pytest.mark.parametrize(
    ("outcome", "status"),
    [
        (Outcome.DIFFERS, Status.LIMITED),
        (Outcome.IGNORED, Status.IGNORED),
        (Outcome.REFUSED, Status.REJECTED),
    ],
)
def test_a_contradicted_row_is_learned(outcome: Outcome, status: Status, tmp_path: Path) -> None:
    need = Requirement("json-object", "talk")
    profile = learn(tmp_path, proof(need, outcome))
    row = profile.features["json-object"]
    assert (row.status, row.confidence, row.checked) == (status, Confidence.OBSERVED, TODAY)
    assert profile.sources[row.source].title == "llm-migrate check: https://x.example/v1"
    again = attributed(proof(need, outcome), profile)
    assert not again.disagrees, "what was seen is what it says now"
    back = attributed(proof(need, Outcome.WORKS), profile)
    assert back.disagrees is (status is not Status.LIMITED)


def test_what_is_as_the_profile_says_is_not_written(tmp_path: Path) -> None:
    assert learned.news(GATEWAY, held(proof(Requirement("json-object", "talk")))) == {}
    broken = proof(Requirement("json-object", "talk"), Outcome.BROKEN)
    skipped = proof(Requirement("json-object", "talk"), Outcome.SKIPPED)
    assert learned.news(GATEWAY, held(broken, skipped)) == {}
    emulated = dataclasses.replace(proof(Requirement("json-object", "talk"), Outcome.REFUSED), emulated=True)
    assert learned.news(GATEWAY, held(emulated)) == {}


def test_a_parameter_that_has_no_effect_is_removed_by_the_rewriter(tmp_path: Path, code: Path) -> None:
    profile = learn(tmp_path, proof(SEED, Outcome.IGNORED))
    row = profile.parameters["chat.completions"]["seed"]
    assert (row.status, row.action.value, row.review) == (Status.IGNORED, "remove", True)
    found = settings.settle([code / "app.py"], to=str(tmp_path / "learned.toml")).analyse().findings
    assert any(finding.code == "LM301" and "seed" in str(finding.message) for finding in found)
    before = settings.settle([code / "app.py"], to=str(GATEWAY_TOML)).analyse().findings
    assert not any("seed" in str(finding.message) for finding in before)


def test_a_row_of_which_values_differ_is_limited(tmp_path: Path) -> None:
    low, high = (Requirement("top_p", "talk", value=value) for value in (0, 1))
    profile = learn(tmp_path, proof(low, Outcome.REFUSED, None), proof(high, claim=None))
    row = profile.parameters["chat.completions"]["top_p"]
    assert row.status is Status.LIMITED
    assert row.confidence is Confidence.OBSERVED
    assert not attributed(proof(low, Outcome.REFUSED), profile).disagrees


def test_a_model_that_is_not_served_counts_as_ended(tmp_path: Path) -> None:
    need = Requirement("model", "talk")
    profile = learn(tmp_path, proof(need, Outcome.REFUSED))
    model: Model = profile.models["talk"]
    assert model.retired == TODAY
    assert dataclasses.replace(model, retired=None, source="", checked=TODAY, confidence=Confidence.OBSERVED) == (
        dataclasses.replace(GATEWAY.models["talk"], source="", checked=TODAY, confidence=Confidence.OBSERVED)
    )
    found = claim_of(profile, need, TODAY)
    assert found is not None
    assert found.status is Status.REJECTED


def test_an_overlay_is_learned_over(tmp_path: Path) -> None:
    first = learned.overlay(
        GATEWAY, str(GATEWAY_TOML), held(proof(SEED, Outcome.IGNORED)), "https://x.example/v1", TODAY
    )
    profile = loaded(tmp_path, first)
    need = Requirement("json-object", "talk")
    proofs = [attributed(proof(n, o), profile) for n, o in ((SEED, Outcome.IGNORED), (need, Outcome.REFUSED))]
    later = TODAY + datetime.timedelta(days=9)
    second = loaded(tmp_path, learned.overlay(profile, "unused", proofs, "https://x.example/v1", later, first))
    assert (second.features["seed"].checked, second.features["json-object"].checked) == (TODAY, later)
    assert second.regions.keys() == GATEWAY.regions.keys()


def refusing(_: Request) -> Response:
    return JSONResponse({"error": {"message": "no", "type": "t", "code": "c"}}, 400)


def test_nothing_is_learned_from_an_emulator(endpoint: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "learned.toml"
    assert main(["check", "--to", str(GATEWAY_TOML), "--base-url", endpoint, "--learn", str(file)]) == 2
    assert "an emulator" in capsys.readouterr().err
    assert not file.exists()


def test_a_file_of_somebody_elses_is_not_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("id = 'mine'\n")
    with pytest.raises(UserError, match="there already"):
        learned.earlier(file)
    assert main(["check", "--to", str(GATEWAY_TOML), "--base-url", "http://127.0.0.1:9/v1", "--learn", str(file)]) == 2
    assert "no check wrote it" in capsys.readouterr().err
    assert file.read_text() == "id = 'mine'\n"


def test_what_the_command_learns_is_true_the_next_time(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = {"object": "list", "data": [{"id": "talk", "object": "model"}]}

    def respond(body: dict[str, Any], request: Request) -> Response:
        if request.url.path.endswith("/models"):
            return JSONResponse(names)
        if "chat" not in request.url.path or "tools" in body or "response_format" in body:
            return refusing(request)
        return JSONResponse(completion())

    file = tmp_path / "learned.toml"
    with serving(fault(respond)) as url:
        arguments = ["check", "--base-url", url, "--format", "json", "--to"]
        assert main([*arguments, str(GATEWAY_TOML), "--learn", str(file)]) == 1
        first = json.loads(capsys.readouterr().out)
        assert main([*arguments, str(file), "--learn", str(file)]) in (0, 1)
        second = json.loads(capsys.readouterr().out)
    contradicted = {tuple(one["row"]) for one in first["disagreements"]}
    assert ("features", "tools") in contradicted
    broken = {tuple(one["row"]) for one in first["proofs"] if one["outcome"] == "broken"}
    assert {tuple(one["row"]) for one in second["disagreements"]} == contradicted & broken, "these teach nothing"
    assert file.read_text().startswith(learned.MARK)
