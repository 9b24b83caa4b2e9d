"""Where the code moves: a profile, one of its regions, and the user's own model map."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import cache
from itertools import islice
from urllib.parse import urlsplit

from llm_codemods.origin import OPENAI, Origin
from llm_codemods.profile import (
    HOME,
    Model,
    ModelMapping,
    Profile,
    ProfileError,
    Region,
    Status,
    Thinking,
    bundled,
    bundled_profile,
    nearest,
)
from llm_codemods.retirement import NONE, Retirements
from llm_codemods.sdk import Sdk
from llm_codemods.style import Style
from llm_codemods.text import Text, text
from llm_codemods.vocabulary import OPENAI_HOST

URL = re.compile(r"https?://[\w.\[\]:-]+(/[\w.~%!$&()*+,;=:@/-]*)?", re.ASCII)
"""A base URL that can stand between quotes."""
VARIABLE = re.compile(r"[A-Za-z_]\w*", re.ASCII)
OPENAIS_VARIABLE = "OPENAI_API_KEY"


@dataclass(frozen=True, slots=True)
class Target:
    """What the rules ask about the provider the code moves to."""

    profile: Profile
    region_name: str
    region: Region
    models: Mapping[str, str] = field(default_factory=dict)
    """The user's own choices, old name -> target's name (``--map``, ``[tool.llm-migrate.models]``)."""
    sdk: Sdk = Sdk.CURRENT

    style: Style = Style.INLINE
    module: str = "llm_provider"
    """The dotted name of the module that chooses, for style ``switch``, and its file:"""
    module_file: str = "llm_provider.py"
    origin: Origin = OPENAI
    """Whose code is moved."""
    ended: Mapping[str, str] = field(default_factory=dict)
    """Models of the target that have ended, or soon will have, and their successors."""
    embeddings: Target | None = None
    """Where embeddings go instead (``--embeddings``)."""
    main: Target | None = None
    """Where the rest goes, if only embeddings go here."""

    @property
    def base_url(self) -> str:
        """The endpoint, without a final slash."""
        return self.region.base_url

    @property
    def key_env(self) -> str:
        """The variable that holds the key."""
        return OPENAIS_VARIABLE if self.style is Style.ENV else self.region.key_env

    def module_endpoint(self, attribute: str) -> str:
        """Return what an attribute of the SDK's module must be: since 1.0 it is joined without a slash (gotcha G04)."""
        return f"{self.base_url}/" if attribute == "base_url" else self.base_url

    @property
    def bearer(self) -> str:
        """Python source of the header with the key, whatever version of Python reads it."""
        return f"f\"Bearer {{os.environ['{self.key_env}']}}\""

    @property
    def at_openai(self) -> bool:
        """Whether code stays where it is: at OpenAI, or at the provider that it is moved from. Nothing has to move."""
        return self.is_openais if self.origin.is_openai else self.origin.id == self.profile.id

    @property
    def is_openais(self) -> bool:
        """Whether the endpoint is OpenAI's own, to which the SDK sends the key that it reads by itself."""
        return OPENAI_HOST.search(urlsplit(self.base_url).hostname or "") is not None

    def moves(self, provider: str) -> bool:
        """Whether code that uses this provider (the id of a profile) is moved, and its models replaced."""
        return provider == self.origin.id and not self.at_openai

    def is_home(self, host: str | None) -> bool:
        """Whether a host is one of this provider's, so that code which points there has been moved."""
        if host is None:
            return False
        return host == urlsplit(self.base_url).hostname or any(fnmatchcase(host, g) for g in self.profile.hosts)

    def path_of(self, api: str, path: str) -> str | None:
        """Return the path of an endpoint below the base URL, ``path`` at OpenAI; None where the target has none."""
        row = self.profile.endpoint(api)
        if row is not None and row.status is Status.REJECTED:
            return None
        return (row.path if row is not None and row.path is not None else path).strip("/")

    @property
    def aside(self) -> bool:
        """Whether only embeddings go here."""
        return self.main is not None

    def knows(self, model: str) -> bool:
        """Whether a name is one of the target's own models, so that nothing needs to be mapped."""
        return model in self.profile.models or model in self.models.values()

    def takes(self, model: str) -> bool:
        """Whether something stands in for a model, or it is the target's own; embeddings may go to another provider."""
        each = (t for t in (self, self.main, self.embeddings) if t is not None)
        return any(t.model_for(model) is not None or t.knows(model) for t in each)

    def mapping(self, model: str) -> ModelMapping | None:
        """Return the profile's row for a model of the old provider; None when no row speaks of it.

        One that is not OpenAI's is looked up by the OpenAI model that stands in for it, of the same tier.
        """
        if self.origin.is_openai:
            return self.profile.map_model(model)
        home = bundled_profile(HOME)
        # platforms of many houses write the house before the name
        between = home.map_model(model) or home.map_model(model.rpartition("/")[2].lower())
        if HOME in (self.profile.id, self.profile.extends):
            return self.profile.map_model(model) or between
        if between is None or between.model is None:
            return between
        row = self.profile.map_model(between.model)
        if row is None or row.model is None or between.dimensions is None:
            return row
        sizes = known.dimensions if (known := self.model(row.model)) is not None else ()
        return replace(row, dimensions=between.dimensions) if between.dimensions in sizes else row

    def thought(self, model: str) -> str | None:
        """Return whether a model of the old provider thinks by default, ``on`` or ``off``; None: as the target's."""
        row = self.mapping(model)
        known = None if self.origin.is_openai else self.origin.data.models.get(model)
        if known is not None and known.thinking is not None:
            return "on" if known.thinking in (Thinking.ON, Thinking.ALWAYS) else "off"
        return row.thinking if row is not None else None

    def lacks(self, methods: Collection[str]) -> bool:
        """Whether there are methods of the API, and it has none of them, nor chat that takes their place."""
        rows = [None if name.partition(".")[0] in BECOME_CHAT else self.profile.endpoint(name) for name in methods]
        return bool(rows) and all(row is not None and row.status is Status.REJECTED for row in rows)

    def model_for(self, model: str, *, vision: bool = False) -> str | None:
        """Return the target's model for an OpenAI name: the user's choice, then the profile's, or None."""
        if model in self.models:
            return self.models[model]
        row = self.mapping(model)
        if row is None:
            return None
        return row.vision if vision and row.vision is not None else row.model

    def status(self, feature: str) -> Status:
        """Return what the profile says of a feature."""
        row = self.profile.features.get(feature)
        return row.status if row is not None else Status.UNKNOWN

    def noted(self, feature: str, message: Text) -> Text:
        """Return a message with the note of a feature's row."""
        row = self.profile.features.get(feature)
        return text("{message} ({note})", message=message, note=row.note) if row is not None and row.note else message

    @property
    def system_roles(self) -> frozenset[str]:
        """The roles that are, or become, the system's."""
        return frozenset({"system", *(role for role, row in self.profile.roles.items() if row.to == "system")})

    def embeds_with(self, name: str) -> bool:
        """Whether an OpenAI model is one for embeddings, by what stands in for it, or a model is one itself."""
        known = self.model(self.model_for(name) or name)
        return known is not None and known.kind == "embedding"

    def model(self, name: str | None) -> Model | None:
        """Return what is known about one of the target's models."""
        return self.profile.models.get(name) if name is not None else None


def aim(
    profile: Profile,
    region: str | None = None,
    models: Mapping[str, str] | None = None,
    *,
    base_url: str | None = None,
    style: Style = Style.INLINE,
    module: tuple[str, str] = ("llm_provider", "llm_provider.py"),
    sdk: Sdk = Sdk.CURRENT,
    origin: Origin = OPENAI,
    ended: Mapping[str, str] | None = None,
) -> Target:
    """Choose a region (default: the profile's first) and return the target; ``base_url`` takes the place of its own.

    ``origin``: whose code is moved; ``ended``: models of the profile that have ended -> their successors.

    Raises:
        ProfileError: the profile has no such region (the hint offers the nearest), or its URL or variable is none:
            both become code.
    """
    if region is None:
        region = next(iter(profile.regions))
    if region not in profile.regions:
        close = nearest(region, list(profile.regions))
        raise ProfileError(
            text("provider '{id}' has no region '{region}'", id=profile.id, region=region),
            text("did you mean '{name}'?", name=close)
            if close
            else text("known regions: {names}", names=", ".join(profile.regions)),
        )
    row = profile.regions[region]
    if base_url is not None:
        row = replace(row, base_url=base_url.rstrip("/"))
    if not URL.fullmatch(row.base_url):
        raise ProfileError(
            text("'{url}' is not a base URL", url=row.base_url),
            text("give scheme, host and path, such as https://gateway.example.com/v1"),
        )
    if not VARIABLE.fullmatch(row.key_env):
        raise ProfileError(text("'{name}' is not the name of an environment variable", name=row.key_env))
    return Target(profile, region, row, dict(models or {}), sdk, style, *module, origin=origin, ended=dict(ended or {}))


def aimed(
    profile: Profile | None,
    region: str | None = None,
    models: Mapping[str, str] | None = None,
    *,
    base_url: str | None = None,
    style: Style = Style.INLINE,
    module: tuple[str, str] = ("llm_provider", "llm_provider.py"),
    sdk: Sdk = Sdk.CURRENT,
    embeddings: Profile | None = None,
    embeddings_url: str | None = None,
    origin: Origin = OPENAI,
    retired: Retirements = NONE,
) -> Target | None:
    """Return where the code moves; None without a profile.

    Args:
        profile: the provider to move to; None for an inventory.
        region: of the profile, default its first.
        models: the user's own choices, OpenAI name -> target's name.
        base_url: takes the place of the region's.
        style: how the code comes to its endpoint, key and models.
        module: the module that chooses, for style ``switch``: its dotted name and its file.
        sdk: what becomes of code for openai before 1.0.
        embeddings: the provider that takes the embeddings, if it is another.
        embeddings_url: takes the place of its base URL.
        origin: whose code is moved.
        retired: the models that have ended, or soon will have.

    Raises:
        ProfileError: no such region, no base URL, no embeddings.
    """
    if profile is None:
        return None
    ended = retired.successors(profile.extends or profile.id)
    target = aim(
        profile, region, models, base_url=base_url, style=style, module=module, sdk=sdk, origin=origin, ended=ended
    )
    if embeddings is None or embeddings.id == target.profile.id:
        return target
    ended = retired.successors(embeddings.extends or embeddings.id)
    second = aim(embeddings, None, models, base_url=embeddings_url, sdk=sdk, origin=origin, ended=ended)
    return with_embeddings(target, second)


EMBEDDINGS = "embeddings.create"
BECOME_CHAT = ("chat", "responses", "completions")
"""Parts of the API that chat can stand in for."""


def with_embeddings(target: Target, second: Target | None) -> Target:
    """Return the target with embeddings going to ``second``; None, or the same provider, changes nothing.

    Raises:
        ProfileError: that provider has no embeddings, either (the hint names some that have).
    """
    if second is None or second.base_url == target.base_url:
        return target
    if not has_embeddings(second.profile):
        raise ProfileError(
            text("provider '{id}' has no embeddings", id=second.profile.id),
            text("name one that has: {names}", names=", ".join(embedders())),
        )
    return replace(target, embeddings=replace(second, main=target, sdk=target.sdk))


def has_embeddings(profile: Profile) -> bool:
    """Whether a provider takes texts to be embedded in OpenAI's form, as far as is known."""
    row = profile.endpoint(EMBEDDINGS)
    return row is not None and row.status in (Status.SAME, Status.LIMITED)


@cache
def embedders(count: int = 2) -> tuple[str, ...]:
    """Return the ids of some providers that can take the embeddings of another: those with the most models first."""
    return tuple(islice(_embedders(), count))


@cache
def offering(endpoint: str) -> tuple[str, ...]:
    """Return the ids of some providers that have an endpoint, all of it first; none is OpenAI."""
    known = (Status.SAME, Status.RENAMED, Status.LIMITED)
    rows = {
        p.id: p.endpoint(endpoint) for p in map(bundled_profile, bundled()) if not p.partial and not aim(p).at_openai
    }
    found = {id: known.index(row.status) for id, row in rows.items() if row is not None and row.status in known}
    return tuple(sorted(found, key=lambda id: (found[id], id))[:3])


def _embedders() -> Iterator[str]:
    """Yield the bundled providers that have embeddings, but OpenAI itself, by how many sizes they offer."""
    profiles = [bundled_profile(id) for id in bundled()]
    found = [p for p in profiles if has_embeddings(p) and not aim(p).at_openai and not p.partial]
    sizes = {p.id: len({s for m in p.models.values() for s in m.dimensions}) for p in found}
    yield from sorted(sizes, key=lambda id: (-sizes[id], id))
