"""What a profile claims, as requirements to test and as a status to hold against what was seen."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, replace

from llm_codemods.profile import Confidence, Parameter, Profile, Row, Status
from llm_codemods.proof import Outcome, Proof
from llm_codemods.request import Scalar
from llm_codemods.requirements import ENDPOINTS, Needs, Requirement, SiteNeeds
from llm_codemods.text import text
from llm_migrate.live.probes import BY_NAME, EMBEDDING_FEATURES, PROBES
from llm_migrate.live.probes.asking import ABLE, NO_MODEL_NEEDED
from llm_migrate.live.wire import Response

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


def _mapped_models(profile: Profile) -> tuple[str, ...]:
    """Return the chat and embedding models that the profile maps OpenAI names to, each once, in its order."""
    names = [name for row in profile.mapping for name in (row.model, row.vision) if name is not None]
    return tuple(
        name
        for name in dict.fromkeys(names)
        if name in profile.models and profile.models[name].kind in ("chat", "embedding")
    )


def claimed(profile: Profile) -> tuple[Requirement, ...]:
    """Return everything to test when there is no code to go by.

    One requirement a feature and value of it (embeddings only where the profile knows such a model), one ``model`` for
    each that the profile maps to, and what must be refused. Dimensions come from the mapping.
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
            found += [Requirement("model", name) for name in _mapped_models(profile)]
        elif probe.asks == NO_MODEL_NEEDED:
            found += [Requirement(probe.name, value=value) for value in probe.values]
        else:
            model = None if probe.name in ABLE else chat
            found += [Requirement(probe.name, model, value=value) for value in probe.values]
    for api in ENDPOINTS.values():
        row = profile.endpoints.get(api)
        if row is not None and row.status in (Status.SAME, Status.REJECTED):
            found.append(Requirement("endpoint", chat, value=api))
    return tuple(found)


def dear(needs: Needs) -> tuple[Requirement, ...]:
    """Return what is too dear for every day, for each chat model that the needs speak of."""
    models = dict.fromkeys(need.model for need in needs.requirements if need.feature == "chat")
    return tuple(Requirement(probe.name, model) for probe in PROBES if probe.thorough for model in models)


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
        new = _aimed(requirement, profile, model, embedding_model)
        before = joined.get(new.key, new.key)
        joined[new.key] = replace(new, locations=tuple(dict.fromkeys((*before.locations, *new.locations))))
    return tuple(joined.values())


def _aimed(requirement: Requirement, profile: Profile, model: str | None, embedding_model: str | None) -> Requirement:
    row = profile.models.get(requirement.model or "")
    embeds = requirement.feature.startswith("embeddings") or (row is not None and row.kind == "embedding")
    named = embedding_model if embeds else model
    asks = requirement.model is not None or requirement.feature == "model" or requirement.feature in ABLE
    if named is None or not asks:
        return requirement
    shape = replace(requirement.shape, model=named) if requirement.shape is not None else None
    new = replace(requirement, model=named, shape=shape)
    if embeds and named not in profile.models and not requirement.locations:
        return replace(new, dimensions=None)  # the profile's size says nothing about a model it does not know
    return new


def retargeted(needs: Needs, profile: Profile, model: str | None, embedding_model: str | None) -> Needs:
    """Return the needs with the models that the user named, in the sites too: then no model is unseen any more."""

    def aimed(requirements: Sequence[Requirement]) -> tuple[Requirement, ...]:
        return tuple(dict.fromkeys(_aimed(one, profile, model, embedding_model) for one in requirements))

    def known(site: SiteNeeds) -> bool:
        embeds = any(need.feature.startswith("embeddings") for need in site.needs)
        return (embedding_model if embeds else model) is not None

    sites = tuple(
        replace(
            site,
            needs=aimed(site.needs),
            may_need=aimed(site.may_need),
            unseen=tuple(replace(u, settled=u.settled or (u.name == "model" and known(site))) for u in site.unseen),
        )
        for site in needs.sites
    )
    return Needs(retarget(needs.requirements, profile, model, embedding_model), sites)


# --- what the profile says -------------------------------------------------------------------------------------------

Keys = tuple[str, ...]
"""The way to a row of a profile: ``parameters chat.completions seed``."""
CHAT = "chat.completions"
WORDS = frozenset(
    {
        *("cancel", "chat", "embeddings", "endpoint", "model", "models", "request", "role", "stream", "thinking"),
        *("tools", "usage", "vision"),
    }
)
"""Features of one word; other words are names of parameters."""
PARENTS = {
    **dict.fromkeys(("tools-stream", "tool-loop", "parallel-tools", "strict-tools"), "tools"),
    **dict.fromkeys(("stream-timing", "stream-usage", "cancel"), "stream"),
    **dict.fromkeys(("embeddings-batch", "embeddings-base64", "embeddings-dimensions"), "embeddings"),
    **dict.fromkeys(("usage", "content-parts", "null-content"), "chat"),
}
"""A feature that the profile says nothing of is as the feature that it is a part of."""
_EFFECTS = frozenset({"logprobs", "n", "seed", "stop"})
"""Parameters whose effect is a feature, too."""
_CHOICES = {"no-tool": "none", "required-tool": "required"}
"""Features that are words of ``tool_choice``."""
_OF_MODEL = {"tools": "tools", "forced-tool": "tools", "json-schema": "json_schema", "vision": "vision"}
"""Features that a model's own row can deny, and its field for that."""


_SEVERAL = 2
"""As many choices are asked for where the code does not say."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What a profile says about a requirement, and where."""

    keys: Keys
    status: Status
    observed: bool = False


def is_parameter(feature: str) -> bool:
    """Whether a feature is the name of a parameter of chat completions."""
    return "-" not in feature and feature not in WORDS


def rows_of(requirement: Requirement) -> tuple[Keys, ...]:
    """Return the ways to the rows that may speak of a requirement, the one that counts first."""
    feature, value = requirement.feature, str(requirement.value)
    if feature in _CHOICES:
        return (("features", feature), ("parameters", CHAT, "tool_choice"))
    if feature == "model":
        return (("models", requirement.model or ""),)
    if feature == "role":
        return (("roles", value), *([("features", f"{value}-role")] if value == "developer" else []))
    if feature == "endpoint":
        return (("endpoints", value),)
    if feature == "request":
        return ()
    if is_parameter(feature):
        effect = [("features", feature)] if feature in _EFFECTS else []
        return (*effect, ("parameters", CHAT, feature))
    if feature in ("bad-key", "unknown-model"):
        return (("features", feature), ("errors", feature))
    if feature == "logprobs":
        return (("features", feature), ("parameters", CHAT, feature))
    if feature in ("chat", "models", "embeddings"):
        return (("features", feature), ("endpoints", CHAT if feature == "chat" else feature))
    parent = [("features", PARENTS[feature])] if feature in PARENTS else []
    return (("features", feature), *parent)


def claim_of(profile: Profile, requirement: Requirement, today: datetime.date | None = None) -> Claim | None:
    """Return what the profile says about a requirement, and in which row; None where it is silent."""
    found: Claim | None = None
    for keys in rows_of(requirement):
        found = _claimed(profile, keys, requirement, today)
        if found is not None:
            break
    field = _OF_MODEL.get(requirement.feature)
    row = profile.models.get(requirement.model or "")
    most = row.batch if row is not None and requirement.feature == "embeddings-batch" else None
    if most is not None and type(requirement.value) is int:
        status = Status.SAME if requirement.value <= most else Status.REJECTED
        return Claim(("models", requirement.model or "", "batch"), status)
    choices = profile.parameter(CHAT, "n", requirement.model) if requirement.feature == "n" else None
    too_many = choices is not None and _with(choices, requirement.value or _SEVERAL) is Status.REJECTED
    if too_many and found is not None and found.status in _HOLDS:
        return Claim(("parameters", CHAT, "n"), Status.REJECTED)
    denied = row is not None and field is not None and getattr(row, field) is False
    if denied and field is not None and (found is None or found.status in _HOLDS):
        return Claim(("models", requirement.model or "", field), Status.REJECTED)
    return found


def claim(profile: Profile, requirement: Requirement, today: datetime.date | None = None) -> Status | None:
    """Return what the profile says about a requirement; None where it is silent."""
    found = claim_of(profile, requirement, today)
    return found.status if found is not None else None


def _claimed(profile: Profile, keys: Keys, requirement: Requirement, today: datetime.date | None) -> Claim | None:
    row: Row | None
    match keys:
        case ("models", model):
            row = profile.models.get(model)
            status = Status.REJECTED if is_retired(profile, model, today) else Status.SAME
        case ("features", name):
            row = feature = profile.features.get(name)
            status = feature.status if feature is not None else Status.UNKNOWN
        case ("errors", name):
            row, status = profile.errors.get(name), Status.SAME
        case ("roles", name):
            row = role = profile.roles.get(name)
            if role is None:
                return Claim(keys, Status.SAME) if name in ("system", "tool") else None
            status = role.status
        case ("endpoints", name):
            row = endpoint = profile.endpoint(name)
            status = endpoint.status if endpoint is not None else Status.UNKNOWN
        case (_, api, name):
            row = parameter = profile.parameter(api, name, requirement.model)
            value = _CHOICES.get(requirement.feature, requirement.value)
            status = _with(parameter, value) if parameter is not None else Status.UNKNOWN
        case _:
            return None
    return Claim(keys, status, row.confidence is Confidence.OBSERVED) if row is not None else None


def _with(row: Parameter, value: Scalar) -> Status:
    """Return what a parameter's row says of one value: under its old name it may do anything."""
    if row.status is Status.RENAMED or (row.status is Status.LIMITED and value is None and row.minimum is not None):
        return Status.UNKNOWN
    if row.status is Status.LIMITED and not _is_within(row, value):
        return Status.REJECTED
    return row.status


def _is_within(row: Parameter, value: Scalar) -> bool:
    if isinstance(value, str):
        return not row.values or value in row.values
    if isinstance(value, bool) or value is None:
        return True
    low, high = row.minimum, row.maximum
    above = low is None or value > low or (value == low and not row.exclusive_minimum)
    return above and (high is None or value < high or (value == high and not row.exclusive_maximum))


def attributed(proof: Proof, profile: Profile) -> Proof:
    """Return a proof with the row that it is held against; one that says nothing about the provider stays as it is.

    Of most parameters a probe sees that they are taken, not what they do: there the profile knows more.
    """
    found = claim_of(profile, proof.requirement) if proof.claim is not None else None
    if found is None:
        return proof
    said = replace(proof, claim=found.status, row=found.keys, observed=found.observed)
    feature = proof.requirement.feature
    blind = is_parameter(feature) and feature not in BY_NAME
    if blind and found.status is Status.IGNORED and proof.outcome is Outcome.WORKS:
        evidence = text("{evidence}; the profile says that it has no effect", evidence=proof.evidence)
        return replace(said, outcome=Outcome.IGNORED, evidence=evidence)
    return said


def witnessed(proof: Proof, responses: Sequence[Response]) -> Proof:
    """Return a proof with what its answers say beside the verdict: names of models, and whether an emulator spoke."""
    emulated = any("x-llm-migrate-emulator" in response.headers for response in responses)
    listed = None
    if proof.requirement.feature == "models" and proof.outcome is Outcome.WORKS:
        body = responses[0].json()
        listed = None if body.get("has_more") else tuple(str(row["id"]) for row in body["data"])
    return replace(proof, listed=listed, emulated=emulated)
