"""Where to send what is asked, and with which key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from llm_codemods.text import text
from llm_migrate.errors import UserError

if TYPE_CHECKING:
    from llm_codemods.profile import Profile
    from llm_migrate.live.wire import Connection

LOCAL_KEY = "llm-migrate-local-server"
"""What a server on this machine gets when no key is named: a provider's real key has no business there."""


def find_key(profile: Profile, region: str, base_url: str, api_key_env: str | None, environ: Mapping[str, str]) -> str:
    """Return the key for a base URL.

    The provider's key goes to the provider's hosts only, and ``OPENAI_API_KEY`` to OpenAI only; for any other host the
    variable must be named. A server on this machine gets no real key unless one is named.

    Raises:
        UserError: no key is set, or it would have to be sent where it does not belong.
    """
    from llm_migrate.live.wire import is_loopback

    host = urlsplit(base_url).hostname or ""
    own = {urlsplit(row.base_url).hostname for row in profile.regions.values()}
    name = api_key_env or profile.regions[region].key_env
    if api_key_env is None:
        if host not in own and is_loopback(host):
            return LOCAL_KEY
        if host not in own:
            raise UserError(
                text(
                    "will not send the key in {name} to {host}, which is not a host of this provider",
                    name=name,
                    host=host,
                ),
                text("name the variable that holds the key for it: --api-key-env NAME"),
            )
        if name == "OPENAI_API_KEY" and host != "api.openai.com":
            raise UserError(
                text("will not send OPENAI_API_KEY to {host}", host=host),
                text("if that is what you want, say so: --api-key-env OPENAI_API_KEY"),
            )
    key = environ.get(name, "").strip()
    if not key:
        raise UserError(
            text("no API key: the environment variable {name} is not set", name=name),
            text(
                "export {name}=… with a key from the provider's console (region {region}: {url})",
                name=name,
                region=region,
                url=base_url,
            ),
        )
    return key


def connect(
    profile: Profile,
    *,
    region: str | None = None,
    base_url: str | None = None,
    model: str | None = None,
    embedding_model: str | None = None,
    api_key_env: str | None = None,
    environ: Mapping[str, str] | None = None,
) -> Connection:
    """Return where to send probes and with which key. ``environ`` None: no key is wanted, nothing will be sent.

    Raises:
        UserError: no such region, no usable URL, or no key.
    """
    from llm_migrate.live.claims import default_model
    from llm_migrate.live.wire import Connection, region_of, safe_url

    chosen = region_of(profile, region)
    url = safe_url(base_url or profile.regions[chosen].base_url)
    key = LOCAL_KEY if environ is None else find_key(profile, chosen, url, api_key_env, environ)
    return Connection(
        profile,
        chosen,
        url,
        key,
        model or default_model(profile, "chat"),
        embedding_model or default_model(profile, "embedding"),
    )
