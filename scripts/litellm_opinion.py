"""Print what LiteLLM thinks of some providers, as JSON: ``python -I litellm_opinion.py FOLDER PROVIDER…``.

FOLDER is where LiteLLM is installed; started by ``crosscheck.py`` in a process of its own, so that nothing of LiteLLM
gets into the project's environment. For every provider: the entries of its price map, and for every chat model the
request parameters that it would pass on. Nothing is asked of the network: the map is the one in the package.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from collections.abc import Mapping
from importlib import metadata
from typing import Any


def own_models(prices: Mapping[str, Mapping[str, Any]], provider: str) -> dict[str, Mapping[str, Any]]:
    """Return the entries of one provider by the provider's own names."""
    prefix = f"{provider}/"
    entries = {name: entry for name, entry in prices.items() if entry.get("litellm_provider") == provider}
    return {name.removeprefix(prefix): entry for name, entry in sorted(entries.items())}


def main(folder: str, providers: list[str]) -> None:
    """Write the document to standard output."""
    sys.path.insert(0, folder)
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    litellm = importlib.import_module("litellm")
    document: dict[str, Any] = {"litellm_version": metadata.version("litellm"), "providers": {}}
    for provider in providers:
        entries = own_models(litellm.model_cost, provider)
        chats = [name for name, entry in entries.items() if entry.get("mode") == "chat"]
        supported = {
            name: litellm.get_supported_openai_params(model=name, custom_llm_provider=provider) for name in chats
        }
        models = {name: {"supported_openai_params": names} for name, names in supported.items()}
        document["providers"][provider] = {"models": models, "cost_map_models": entries}
    print(json.dumps(document))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
