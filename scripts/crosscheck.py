"""Hold every profile against what LiteLLM thinks, and list each disagreement with the side taken and why.

``python scripts/crosscheck.py [--opinion FILE]``. Installs the newest LiteLLM of the package index into a folder below
``build/``, never into the project's environment, and asks it. ``--opinion`` adds a JSON file in the form that
``litellm_opinion.py`` prints. The reasons stand in ``crosscheck.toml``; each speaks of one disagreement or, by globs,
of several. Exit 1 when one has no reason; reasons that explain nothing any more are named, too.

LiteLLM is an opinion, not evidence: for most providers it passes on whatever OpenAI takes.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import tomli

from llm_codemods import profile as profiles
from llm_codemods.profile import Model, Profile, Status, build

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "build" / "litellm"
REASONS = Path(__file__).with_name("crosscheck.toml")
OPINION = Path(__file__).with_name("litellm_opinion.py")

ENDPOINT = "chat.completions"
KINDS = {
    "chat": "chat",
    "responses": "chat",
    "completion": "chat",
    "embedding": "embedding",
    "image_generation": "image",
    "audio_speech": "speech",
    "audio_transcription": "transcription",
}
"""LiteLLM's modes -> kinds of our models; other modes are no endpoint that a profile has models for."""
FLAGS = {
    "vision": "supports_vision",
    "tools": "supports_function_calling",
    "json_schema": "supports_response_schema",
}
OWN = frozenset({"messages", "model", "max_retries", "extra_headers", "thinking", "user"})
"""What is no parameter of OpenAI's, or what LiteLLM's lists leave out though it always passes it on; ``user`` it lists
for OpenAI alone."""
USED = frozenset({Status.SAME, Status.LIMITED, Status.RENAMED})
UNUSED = frozenset({Status.IGNORED, Status.REJECTED})


@dataclass(frozen=True, slots=True)
class Opinion:
    """What LiteLLM thinks of one model of one of its providers; ``None`` is no opinion. Prices: USD a million."""

    provider: str
    model: str
    kind: str | None = None
    context: int | None = None
    output: int | None = None
    price_in: float | None = None
    price_out: float | None = None
    retired: str | None = None
    """Its last day, or ``offered`` by an entry that would have it."""
    dimensions: int | None = None
    flags: Mapping[str, bool] = field(default_factory=dict)
    parameters: frozenset[str] | None = None
    rewrites: Mapping[str, str] = field(default_factory=dict)
    """Parameters that it does not send as they are given: what becomes of a value that was tried."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One fact on which a profile and LiteLLM differ."""

    profile: str
    provider: str
    model: str
    field: str
    ours: str
    theirs: str

    @property
    def distance(self) -> float:
        """How far two numbers lie apart, as a share of the larger; infinite where they are no numbers."""
        try:
            ours, theirs = float(self.ours), float(self.theirs)
        except ValueError:
            return float("inf")
        return abs(ours - theirs) / max(abs(ours), abs(theirs))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a side was taken: ``profile`` (ours stays), or ``both`` (they speak of different things).

    ``profile``, ``litellm``, ``model``, ``field`` and ``ours`` are globs. With ``within`` the reason holds only for
    numbers that lie no further apart than this share.
    """

    profile: str = "*"
    litellm: str = "*"
    model: str = "*"
    field: str
    ours: str = "*"
    within: float | None = None
    side: str
    why: str
    source: str

    def explains(self, found: Disagreement) -> bool:
        """Whether this is the reason for a disagreement."""
        globs = (self.profile, self.litellm, self.model, self.field, self.ours)
        names = (found.profile, found.provider, found.model, found.field, found.ours)
        near = self.within is None or found.distance <= self.within
        return near and all(fnmatchcase(name, glob) for name, glob in zip(names, globs, strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """``crosscheck.toml``: which of LiteLLM's providers a profile is held against, and the reasons."""

    yuan: float
    """How many CNY a USD is counted as, where one side has the one and the other the other."""
    providers: Mapping[str, tuple[str, ...]]
    reason: tuple[Reason, ...] = ()


# --- what LiteLLM thinks ----------------------------------------------------------------------------------------------


def opinions(document: Mapping[str, Any], provider: str) -> tuple[Opinion, ...]:
    """Read what a document says of one of LiteLLM's providers; a model that is told of twice is one opinion."""
    told = document["providers"].get(provider, {})
    entries: dict[str, Mapping[str, Any]] = dict(told.get("cost_map_models", {}))
    asked: Mapping[str, Any] = told.get("models", {})
    for name, more in asked.items():
        entries[name] = {**(more.get("cost_map_flags") or {}), **entries.get(name, {})}
    return tuple(_opinion(provider, name, entry, asked.get(name, {})) for name, entry in sorted(entries.items()))


def _opinion(provider: str, name: str, entry: Mapping[str, Any], asked: Mapping[str, Any]) -> Opinion:
    supported: Iterable[str] | None = asked.get("supported_openai_params")
    tiers: Sequence[Mapping[str, Any]] = entry.get("tiered_pricing") or ({},)
    priced = {**tiers[0], **entry}
    return Opinion(
        provider,
        name,
        # A model that was only asked for its parameters is in no price map: nothing says that it exists.
        kind=KINDS.get(str(entry.get("mode"))),
        context=entry.get("max_input_tokens"),
        output=entry.get("max_output_tokens"),
        price_in=_million(priced.get("input_cost_per_token")),
        price_out=_million(priced.get("output_cost_per_token")),
        # Only whole entries of the price map name the provider; what others leave out, they do not say.
        retired=entry.get("deprecation_date") or ("offered" if "litellm_provider" in entry else None),
        dimensions=entry.get("output_vector_size"),
        flags={ours: bool(entry[theirs]) for ours, theirs in FLAGS.items() if theirs in entry},
        parameters=None if supported is None else frozenset(supported),
        rewrites=dict(_rewrites(asked.get("mapping_cases", {}))),
    )


def _rewrites(cases: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """Yield what becomes of parameters in the cases that were tried; what raises is told by the lists already."""
    for case in cases.values():
        if case["verdict"] != "changed_or_dropped":
            continue
        given, sent = case["asked"], case["sent"]
        others = {name: value for name, value in sent.items() if name not in {*given, "stream"}}
        for name, value in given.items():
            if name not in OWN and sent.get(name) != value:
                became = {name: sent[name]} if name in sent else others
                yield name, f"{value} becomes {json.dumps(became)}"


def _million(cost: float | None) -> float | None:
    return None if cost is None else round(cost * 1e6, 6)


# --- where the two differ ---------------------------------------------------------------------------------------------


def compare(profile: Profile, thought: Sequence[Opinion], yuan: float) -> Iterator[Disagreement]:
    """Yield every fact that both sides state, and state differently."""
    known = frozenset[str]().union(*(o.parameters or () for o in thought)) - OWN
    for opinion in thought:
        for name, ours, theirs in _differences(profile, opinion, known, yuan):
            yield Disagreement(profile.id, opinion.provider, opinion.model, name, ours, theirs)


def _differences(
    profile: Profile, opinion: Opinion, known: frozenset[str], yuan: float
) -> Iterator[tuple[str, str, str]]:
    for name, became in opinion.rewrites.items():
        row = profile.parameter(f"{ENDPOINT}.create", name, opinion.model)
        if row is not None and row.status is Status.SAME:
            yield f"rewrite of {name}", row.status.value, became
    model = profile.models.get(opinion.model)
    if model is None:
        if opinion.kind is not None:
            yield "model", "unknown", opinion.kind
        return
    if opinion.kind is not None:
        if model.kind != opinion.kind:
            yield "kind", model.kind, opinion.kind
        here = str(model.retired or "offered")
        if opinion.retired is not None and opinion.retired != here:
            yield "retired", here, opinion.retired
    yield from _limits(model, opinion)
    yield from _prices(model, opinion, yuan)
    for name, flag in opinion.flags.items():
        ours = getattr(model, name)
        if ours is not None and ours is not flag:
            yield name, str(ours), str(flag)
    if opinion.parameters is not None and model.kind == "chat" and model.retired is None:
        yield from _parameters(profile, opinion.model, opinion.parameters, known)


def _limits(model: Model, opinion: Opinion) -> Iterator[tuple[str, str, str]]:
    for name, ours, theirs in (
        ("context", model.context, opinion.context),
        ("output", model.output, opinion.output),
    ):
        # 0 is what the map says of models that write no text.
        if ours is not None and theirs and ours != theirs:
            yield name, str(ours), str(theirs)
    if opinion.dimensions is not None and model.dimensions and opinion.dimensions not in model.dimensions:
        yield "dimensions", ", ".join(map(str, model.dimensions)), str(opinion.dimensions)


def _prices(model: Model, opinion: Opinion, yuan: float) -> Iterator[tuple[str, str, str]]:
    rate = yuan if model.currency == "CNY" else 1.0
    for name, stated, theirs in (
        ("price_in", model.price_in, opinion.price_in),
        ("price_out", model.price_out, opinion.price_out),
    ):
        ours = None if stated is None else round(stated / rate, 6)
        if ours is None or theirs is None or (name == "price_out" and not theirs and model.kind == "embedding"):
            continue
        if round(ours, 4) != round(theirs, 4):
            yield name, f"{ours:g}", f"{theirs:g}"


def _parameters(
    profile: Profile, model: str, supported: frozenset[str], known: frozenset[str]
) -> Iterator[tuple[str, str, str]]:
    for name in sorted(known):
        row = profile.parameter(f"{ENDPOINT}.create", name, model)
        if row is None:
            continue
        if row.status in UNUSED and name in supported:
            yield f"parameter {name}", row.status.value, "supported"
        elif row.status in USED and name not in supported:
            yield f"parameter {name}", row.status.value, "not supported"


def silences(profile: Profile, thought: Iterable[Opinion]) -> Iterator[tuple[str, str, str, str]]:
    """Yield what LiteLLM knows of models that the profile has without this fact: provider, model, field, value."""
    for opinion in thought:
        model = profile.models.get(opinion.model)
        if model is None or model.retired is not None:
            continue
        told = {name: getattr(opinion, name) for name in ("context", "output", "price_in", "price_out")}
        for name, theirs in {**told, **opinion.flags}.items():
            if theirs not in (None, 0) and getattr(model, name) is None:
                yield opinion.provider, opinion.model, name, str(theirs)


def explain(
    found: Iterable[Disagreement], reasons: Sequence[Reason]
) -> tuple[list[tuple[Disagreement, Reason | None]], list[Reason]]:
    """Give every disagreement the first reason that explains it, or None; return also the reasons without any."""
    paired = [(each, next((reason for reason in reasons if reason.explains(each)), None)) for each in found]
    used = {id(reason) for _, reason in paired}
    return paired, [reason for reason in reasons if id(reason) not in used]


# --- the report -------------------------------------------------------------------------------------------------------


def lines(paired: Iterable[tuple[Disagreement, Reason | None]]) -> Iterator[str]:
    """Write the disagreements, those that are alike together, each with the side taken and why."""
    groups: defaultdict[tuple[Any, ...], list[str]] = defaultdict(list)
    for found, reason in paired:
        groups[found.profile, found.provider, found.field, found.ours, found.theirs, reason].append(found.model)
    for (profile, provider, name, ours, theirs, reason), models in groups.items():
        some = ", ".join(models[:3]) + (f" and {len(models) - 3} more" if len(models) > 3 else "")
        yield f"{profile} · {provider} · {name}: {ours} here, {theirs} there ({some})"
        if reason is None:
            yield "    UNEXPLAINED"
        else:
            yield f"    {reason.side}: {reason.why} [{reason.source}]"


# --- the world --------------------------------------------------------------------------------------------------------


def install(folder: Path) -> None:
    """Install the newest LiteLLM with all that it needs into a folder of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    # Without network certificates do not matter: no bound on them may keep an older LiteLLM.
    overrides = folder / "overrides.txt"
    overrides.write_text("certifi\n")
    command = [sys.executable, "-m", "uv", "pip", "install", "--target", str(folder), "--upgrade", "litellm"]
    subprocess.run([*command, "--overrides", str(overrides), "--quiet"], check=True)


def ask(folder: Path, providers: Iterable[str]) -> Mapping[str, Any]:
    """Have the LiteLLM of a folder say what it thinks of some providers."""
    command = [sys.executable, "-I", str(OPINION), str(folder), *providers]
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    document: Mapping[str, Any] = json.loads(answer.stdout)
    return document


def main() -> int:
    """Compare; return 1 if a disagreement has no reason."""
    parser = argparse.ArgumentParser(description="Hold the profiles against what LiteLLM thinks.")
    parser.add_argument("--opinion", type=Path, action="append", default=[], help="more of its opinions, as JSON")
    parser.add_argument("--keep", action="store_true", help="take the LiteLLM that is installed already")
    parser.add_argument("--silent", action="store_true", help="also list what it knows and a profile does not say")
    options = parser.parse_args()
    table: Table = build(Table, tomli.loads(REASONS.read_text("utf-8")), REASONS.name)
    bundled = {id: profiles.bundled_profile(id) for id in profiles.bundled()}
    for id in [id for id in bundled if not table.providers.get(id)]:
        print(f"{id}: not compared, LiteLLM has no provider for it or {REASONS.name} names none")

    if not options.keep or not FOLDER.is_dir():
        install(FOLDER)
    documents = [ask(FOLDER, sorted({name for names in table.providers.values() for name in names}))]
    documents += [json.loads(path.read_text("utf-8")) for path in options.opinion]
    found: list[Disagreement] = []
    for document in documents:
        print(f"litellm {document['litellm_version']}")
        for id in sorted(table.providers.keys() & bundled.keys()):
            thought = [each for name in table.providers[id] for each in opinions(document, name)]
            found += compare(bundled[id], thought, table.yuan)
            if options.silent:
                for said in silences(bundled[id], thought):
                    print("    only there:", id, *said)

    paired, idle = explain(dict.fromkeys(found), table.reason)
    print(*lines(paired), sep="\n")
    for reason in idle:
        print(
            f"explains nothing any more: {reason.profile} {reason.litellm} {reason.model} {reason.field}: {reason.why}"
        )
    unexplained = sum(reason is None for _, reason in paired)
    print(f"{len(paired)} disagreements, {unexplained} unexplained; {len(idle)} of {len(table.reason)} reasons idle")
    return int(unexplained > 0)


if __name__ == "__main__":
    sys.exit(main())
