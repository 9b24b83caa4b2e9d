"""What a profile claims, as requirements to test and as a status to hold against what was seen."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import replace

from llm_codemods.profile import Profile, Status
from llm_codemods.report import Outcome, Proof
from llm_codemods.requirements import Requirement
from llm_migrate.live.probes import EMBEDDING_FEATURES, PROBES
from llm_migrate.live.probes.asking import ABLE, NO_MODEL_NEEDED

_HOLDS = (Status.SAME, Status.RENAMED, Status.LIMITED)
_CHAT = ("gpt-4o-mini", "gpt-4o", "gpt-4")
_EMBEDDING = ("text-embedding-3-small", "text-embedding-3-large", "text-embedding-ada-002")


def default_model(profile: Profile, kind: str, today: datetime.date | None = None) -> str | None:
    """Return the model that stands in for OpenAI's common one of this kind (``chat``, ``embedding``), or None."""
    mapped = [profile.map_model(name) for name in (_EMBEDDING if kind == "embedding" else _CHAT)]
    names = [row.model for row in mapped if row is not None and row.model is not None]
    names += [name for name, row in profile.models.items() if row.kind == kind]
    served = (name for name in names if name in profile.models and not is_retired(profile, name, today))
    return next((name for name in served if profile.models[name].kind == kind), None)


def is_retired(profile: Profile, model: str, today: datetime.date | None = None) -> bool:
    """Whether the profile says that the model is no longer served on a day (default: today)."""
    row = profile.models.get(model)
    return row is not None and row.retired is not None and row.retired <= (today or datetime.date.today())


def mapped_models(profile: Profile) -> tuple[str, ...]:
    """Return the chat and embedding models that the profile maps OpenAI names to, each once, in its order."""
    names = [name for row in profile.mapping for name in (row.model, row.vision) if name is not None]
    return tuple(
        name
        for name in dict.fromkeys(names)
        if name in profile.models and profile.models[name].kind in ("chat", "embedding")
    )


def claimed(profile: Profile, models: Sequence[str] | None = None) -> tuple[Requirement, ...]:
    """Return everything to test when there is no code to go by.

    One requirement a feature (embeddings only where the profile knows such a model), one ``model`` for each of
    ``models`` (default: all that the profile maps to), and what must be refused. Dimensions come from the mapping.
    """
    chat, embedding = default_model(profile, "chat"), default_model(profile, "embedding")
    found: list[Requirement] = []
    for probe in PROBES:
        able = ABLE.get(probe.name)
        if probe.thorough or not (
            able is None or probe.name in profile.features or any(map(able, profile.models.values()))
        ):
            continue
        if probe.name in EMBEDDING_FEATURES:
            if embedding is not None and probe.values:
                found.append(Requirement(probe.name, embedding, _dimensions(profile, embedding)))
        elif probe.name == "model":
            found += [Requirement("model", name) for name in (mapped_models(profile) if models is None else models)]
        elif probe.asks == NO_MODEL_NEEDED:
            found += [Requirement(probe.name, value=value) for value in probe.values]
        else:
            model = None if probe.name in ABLE else chat
            found += [Requirement(probe.name, model, value=value) for value in probe.values]
    return tuple(found)


def _dimensions(profile: Profile, model: str) -> int | None:
    mapped = (profile.map_model(name) for name in _EMBEDDING)
    sizes = (row.dimensions for row in mapped if row is not None and row.model == model and row.dimensions is not None)
    return next(sizes, next(iter(profile.models[model].dimensions), None))


def retarget(
    requirements: Sequence[Requirement], profile: Profile, model: str | None, embedding_model: str | None
) -> tuple[Requirement, ...]:
    """Ask the models that the user named instead of those of the profile; requirements that become equal are joined."""
    joined: dict[Requirement, Requirement] = {}
    for requirement in requirements:
        row = profile.models.get(requirement.model or "")
        embeds = requirement.feature in EMBEDDING_FEATURES or (row is not None and row.kind == "embedding")
        named = embedding_model if embeds else model
        asks = named is not None and (requirement.feature == "model" or requirement.model is not None)
        new = replace(requirement, model=named) if asks else requirement
        if asks and embeds and named not in profile.models and not requirement.locations:
            new = replace(new, dimensions=None)  # the profile's size says nothing about a model it does not know
        key = replace(new, locations=())
        before = joined.get(key, key)
        joined[key] = replace(new, locations=tuple(dict.fromkeys((*before.locations, *new.locations))))
    return tuple(joined.values())


def claim(profile: Profile, requirement: Requirement, today: datetime.date | None = None) -> Status | None:
    """Return what the profile says about a requirement; None where it is silent."""
    feature, model = requirement.feature, requirement.model
    row = profile.models.get(model or "")
    if feature == "model":
        return None if row is None else Status.REJECTED if is_retired(profile, model or "", today) else Status.SAME
    stated = profile.features.get(feature)
    if stated is not None and stated.status not in _HOLDS:
        return stated.status
    if row is not None and (
        (feature in ("tools", "forced-tool") and row.tools is False)
        or (feature == "json-schema" and row.json_schema is False)
    ):
        return Status.REJECTED
    if stated is not None:
        return stated.status
    if feature in ("bad-key", "unknown-model") and feature in profile.errors:
        return Status.SAME
    endpoint = profile.endpoint({"chat": "chat.completions"}.get(feature, feature))
    return endpoint.status if endpoint is not None else None


def failed(proof: Proof) -> bool:
    """Whether a proof leaves something to do.

    What code needs must work. What only the profile speaks of must be as it says, be that that a feature is refused;
    where the profile says ``unknown`` any clean answer is news and no failure. A skipped probe proved nothing.
    """
    if proof.outcome in (Outcome.SKIPPED, Outcome.BROKEN):
        return True
    if proof.requirement.locations or proof.claim is None:
        return proof.outcome is not Outcome.WORKS
    return proof.disagrees
