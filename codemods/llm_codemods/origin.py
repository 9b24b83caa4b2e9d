"""Whom code is moved from: OpenAI, or the provider of a profile (``--from``), with the names of what is its."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from llm_codemods import vocabulary
from llm_codemods.profile import HOME, Profile, bundled_profile
from llm_codemods.sought import NOTHING, Sought, first_word

_NEVER = re.compile("(?!)")


@dataclass(frozen=True, slots=True, eq=False)
class Origin:
    """The provider that code is moved from. The default is OpenAI, with Azure and the relays that pass on to it."""

    id: str = HOME
    profile: Profile | None = None
    """None: OpenAI."""
    host: re.Pattern[str] = vocabulary.OPENAI_HOST
    relay: re.Pattern[str] = vocabulary.RELAY_HOST
    """Hosts of others that pass everything on to it."""
    model: re.Pattern[str] = vocabulary.MODEL
    prefixed: re.Pattern[str] = vocabulary.PREFIXED
    beginning: re.Pattern[str] = vocabulary.BEGINNING
    variable: re.Pattern[str] = vocabulary.VARIABLE
    key_variable: re.Pattern[str] = vocabulary.KEY_VARIABLE
    key_mentioned: re.Pattern[str] = vocabulary.KEY_MENTIONED
    setting_variable: re.Pattern[str] = vocabulary.SETTING_VARIABLE
    url_variable: re.Pattern[str] = vocabulary.URL_VARIABLE
    sought: Sought = NOTHING
    """What files are searched for, beside what is OpenAI's."""

    @property
    def is_openai(self) -> bool:
        """Whether it is OpenAI."""
        return self.profile is None

    @property
    def data(self) -> Profile:
        """Its profile, also OpenAI's."""
        return self.profile if self.profile is not None else bundled_profile(HOME)

    def has(self, host: str) -> bool:
        """Whether a host, or a URL, is its own, or that of a relay which is known to pass everything on to it."""
        return self.host.search(host) is not None or self.relays(host)

    def relays(self, host: str) -> bool:
        """Whether a host, or a URL, is that of a relay which is known to pass everything on to it."""
        return self.relay.search(host) is not None


OPENAI = Origin()


def origin_of(profile: Profile) -> Origin:
    """Return a provider as the one that code is moved from."""
    if profile.id == HOME:
        return OPENAI
    globs = dict.fromkeys((*profile.hosts, *(urlsplit(r.base_url).hostname or "" for r in profile.regions.values())))
    hosts = [_host(glob) for glob in globs if glob]
    stems = _stems(profile)
    stem = f"(?:{'|'.join(map(re.escape, stems))})"
    key = rf"{stem}(?:_API)?_KEY"
    families = sorted({first_word(name) for name in profile.models if not vocabulary.MODEL.fullmatch(name)})
    family = f"(?:{'|'.join(map(re.escape, families))})"
    names = "|".join(re.escape(name) for name in sorted(profile.models, key=len, reverse=True))
    # a family alone is often the provider's name, too: there must be more, with a version or a variant in it
    model = rf"(?:{names}|{family}(?=[\w.:-]*[-\d])[\w.:-]*\w)" if names else "(?!)"
    beside = [piece for glob in globs for piece in [max(re.split(r"[*?\[\]]", glob), key=len)] if len(piece) > 3]
    return Origin(
        profile.id,
        profile,
        host=re.compile(rf"(?<![\w-])(?:{'|'.join(hosts)})(?![\w-]|\.\w)"),
        relay=_NEVER,
        model=re.compile(model),
        prefixed=re.compile(rf"(?:[\w.-]+/)+(?P<bare>{model})"),
        beginning=_NEVER,
        variable=re.compile(rf"{stem}_[A-Z0-9_]+"),
        key_variable=re.compile(key),
        key_mentioned=re.compile(rf"(?<![A-Za-z0-9_]){key}(?![A-Za-z0-9_])"),
        setting_variable=re.compile(
            rf"\w*{stem}_\w*(KEY|URL|API_BASE|HOST|ENDPOINT|PROXY|HEADERS|WORKSPACE|REGION)\w*"
        ),
        url_variable=re.compile(rf"{stem}(?:_API)?_(?:BASE_URL|API_BASE|BASE|API_BASE_URL|API_HOST|HOST|ENDPOINT|URL)"),
        sought=Sought(parts=tuple(dict.fromkeys((*families, *(f"{stem}_" for stem in stems), *beside)))),
    )


def _host(glob: str) -> str:
    return "".join(r"[\w.-]*" if part == "*" else re.escape(part) for part in re.split(r"(\*)", glob))


def _stems(profile: Profile) -> tuple[str, ...]:
    """Return what the provider's variables begin with: as that of the key does, or with one of its names."""
    keys: Iterable[str] = (re.sub(r"(_API)?_(KEY|TOKEN)$", "", region.key_env) for region in profile.regions.values())
    names = (re.sub(r"\W", "_", name).upper() for name in (profile.id, *profile.aliases) if len(name) > 2)
    return tuple(dict.fromkeys((*keys, *names)))
