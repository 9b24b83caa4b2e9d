"""Every method that can be served: where it is, and what answers it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from llm_codemods.profile import Profile
from llm_migrate.live.claims import is_retired
from llm_migrate.live.emulation import chat, completions, media, responses, storage
from llm_migrate.live.emulation.acceptance import is_served
from llm_migrate.live.emulation.embeddings import embeddings
from llm_migrate.live.emulation.media import Content
from llm_migrate.live.emulation.refusal import refusal
from llm_migrate.live.emulation.storage import Store

PATHS = {
    "chat.completions": "/chat/completions",
    "completions": "/completions",
    "responses": "/responses",
    "embeddings": "/embeddings",
    "models": "/models",
    "images": "/images/generations",
    "images.edit": "/images/edits",
    "images.create_variation": "/images/variations",
    "audio.speech": "/audio/speech",
    "audio.transcriptions": "/audio/transcriptions",
    "audio.translations": "/audio/translations",
    "files": "/files",
    "batches": "/batches",
    "moderations": "/moderations",
}
"""OpenAI's paths, by the prefix of the methods below them; a profile may name others."""

Answer = Mapping[str, Any] | Content | Iterator[str]
"""JSON, bytes, or server-sent events."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A request whose key was taken. ``body``: of JSON or of a form; ``root``: the URL of the provider's base."""

    profile: Profile
    store: Store
    root: str = ""
    body: Mapping[str, Any]
    id: str = ""
    query: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Operation:
    """One method: its dotted path in OpenAI's SDK, and where it is below the path of its prefix."""

    api: str
    prefix: str
    method: str
    answer: Callable[[Incoming], Answer]
    below: str = ""

    def path(self, profile: Profile) -> str:
        """Return the path relative to the base URL."""
        row = profile.endpoints.get(self.prefix)
        path = row.path if row is not None and row.path else PATHS[self.prefix]
        return "/" + path.lstrip("/") + self.below


def _chat(sent: Incoming) -> Answer:
    if chat.streams(sent.profile, sent.body):
        return chat.chat_stream(sent.profile, sent.body)
    return chat.chat(sent.profile, sent.body)


def _complete(sent: Incoming) -> Answer:
    if chat.streams(sent.profile, sent.body, "completions"):
        return completions.completion_stream(sent.profile, sent.body)
    return completions.completion(sent.profile, sent.body)


def _respond(sent: Incoming) -> Answer:
    made = responses.respond(sent.profile, sent.body, sent.store.responses)
    if made.response["store"] and is_served(sent.profile, "responses.retrieve"):
        sent.store.responses[made.response["id"]] = made
    if chat.streams(sent.profile, sent.body, "responses.create"):
        return responses.stream(made.response)
    return made.response


def _input_items(sent: Incoming) -> Answer:
    kept = storage.find_response(sent.profile, sent.store, sent.id)
    asked = kept.items[: len(kept.items) - len(kept.response["output"])]
    rows = [{"id": f"item_{i}", "type": "message", **item} for i, item in enumerate(asked)]
    return {"object": "list", "data": rows[::-1], "has_more": False}


def models(profile: Profile) -> Mapping[str, Any]:
    """Answer the list of models: all that are not retired."""
    return {"object": "list", "data": [_listed(profile, n) for n in profile.models if not is_retired(profile, n)]}


def model(profile: Profile, name: str) -> Mapping[str, Any]:
    """Answer the look-up of one model.

    Raises:
        RefusalError: not listed, or retired.
    """
    if name not in profile.models or is_retired(profile, name):
        raise refusal(profile, "unknown-model", model=name)
    return _listed(profile, name)


def _listed(profile: Profile, name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": chat.CREATED, "owned_by": profile.id}


OPERATIONS: tuple[Operation, ...] = (
    Operation("chat.completions.create", "chat.completions", "POST", _chat),
    Operation("completions.create", "completions", "POST", _complete),
    Operation("embeddings.create", "embeddings", "POST", lambda s: embeddings(s.profile, s.body)),
    Operation("models.list", "models", "GET", lambda s: models(s.profile)),
    Operation("models.retrieve", "models", "GET", lambda s: model(s.profile, s.id), "/{id:path}"),
    Operation("responses.create", "responses", "POST", _respond),
    Operation(
        "responses.retrieve",
        "responses",
        "GET",
        lambda s: storage.find_response(s.profile, s.store, s.id).response,
        "/{id}",
    ),
    Operation(
        "responses.delete",
        "responses",
        "DELETE",
        lambda s: storage.delete_response(s.profile, s.store, s.id),
        "/{id}",
    ),
    Operation("responses.input_items", "responses", "GET", _input_items, "/{id}/input_items"),
    Operation("images.generate", "images", "POST", lambda s: media.images(s.profile, s.body, s.root)),
    Operation("images.edit", "images.edit", "POST", lambda s: media.images(s.profile, s.body, s.root, "images.edit")),
    Operation(
        "images.create_variation",
        "images.create_variation",
        "POST",
        lambda s: media.images(s.profile, s.body, s.root, "images.create_variation"),
    ),
    Operation("audio.speech.create", "audio.speech", "POST", lambda s: media.speech(s.profile, s.body)),
    Operation(
        "audio.transcriptions.create",
        "audio.transcriptions",
        "POST",
        lambda s: media.transcription(s.profile, s.body, "audio.transcriptions.create"),
    ),
    Operation(
        "audio.translations.create",
        "audio.translations",
        "POST",
        lambda s: media.transcription(s.profile, s.body, "audio.translations.create"),
    ),
    Operation("files.create", "files", "POST", lambda s: storage.create_file(s.profile, s.store, s.body)),
    Operation("files.list", "files", "GET", lambda s: storage.list_files(s.profile, s.store, s.query)),
    Operation("files.retrieve", "files", "GET", lambda s: storage.read_file(s.profile, s.store, s.id), "/{id}"),
    Operation(
        "files.content", "files", "GET", lambda s: storage.file_content(s.profile, s.store, s.id), "/{id}/content"
    ),
    Operation("files.delete", "files", "DELETE", lambda s: storage.delete_file(s.profile, s.store, s.id), "/{id}"),
    Operation("batches.create", "batches", "POST", lambda s: storage.create_batch(s.profile, s.store, s.body)),
    Operation("batches.list", "batches", "GET", lambda s: storage.list_batches(s.profile, s.store, s.query)),
    Operation("batches.retrieve", "batches", "GET", lambda s: storage.read_batch(s.profile, s.store, s.id), "/{id}"),
    Operation(
        "batches.cancel", "batches", "POST", lambda s: storage.cancel_batch(s.profile, s.store, s.id), "/{id}/cancel"
    ),
    Operation("moderations.create", "moderations", "POST", lambda s: media.moderation(s.profile, s.body)),
)
# Not here: what hardly anyone but OpenAI has (assistants, vector stores, fine tuning, stored chats, realtime).


def served(profile: Profile) -> tuple[Operation, ...]:
    """Return the operations that the provider has, as far as the profile says."""
    return tuple(operation for operation in OPERATIONS if is_served(profile, operation.api))
