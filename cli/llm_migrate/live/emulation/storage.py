"""What the provider keeps between requests: files, batches and responses."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from llm_codemods.profile import Profile
from llm_migrate.live.emulation.acceptance import honoured
from llm_migrate.live.emulation.chat import CREATED, chat
from llm_migrate.live.emulation.completions import completion
from llm_migrate.live.emulation.embeddings import embeddings
from llm_migrate.live.emulation.media import Content, Upload
from llm_migrate.live.emulation.refusal import RefusalError, refusal
from llm_migrate.live.emulation.responses import Kept, respond

_VERSION = re.compile(r"^/(?:api/)?(?:paas/)?v\d+")
_MOST_LINES = 50_000
_BATCHED: Mapping[str, Callable[[Profile, Mapping[str, Any]], Mapping[str, Any]]] = {
    "/chat/completions": chat,
    "/completions": completion,
    "/embeddings": embeddings,
    "/responses": lambda profile, body: respond(profile, body).response,
}
"""What a line of a batch can call, by the path behind the version."""


@dataclass(frozen=True, slots=True)
class File:
    """A file as it was sent, or made by a batch."""

    id: str
    name: str
    purpose: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch: it is done when it is first looked at after it was made."""

    id: str
    asked: Mapping[str, Any]
    status: str = "validating"
    output: str | None = None
    failed: str | None = None
    counts: tuple[int, int] = (0, 0)
    """Lines that were answered, and refused."""


@dataclass(slots=True)
class Store:
    """All that one emulator keeps, by id, in the order it came."""

    files: dict[str, File] = field(default_factory=dict)
    batches: dict[str, Batch] = field(default_factory=dict)
    responses: dict[str, Kept] = field(default_factory=dict)
    count: int = 0

    def name(self, prefix: str) -> str:
        """Return a new id."""
        self.count += 1
        return f"{prefix}{self.count:012}"


# --- files ------------------------------------------------------------------------------------------------------------


def create_file(profile: Profile, store: Store, body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep a file that is sent as a form with its purpose."""
    asked = honoured(profile, "files.create", body, typed=False)
    sent = asked.get("file")
    for name, missing in (("file", not isinstance(sent, Upload)), ("purpose", not asked.get("purpose"))):
        if missing:
            raise refusal(profile, "bad-parameter", parameter=name)
    assert isinstance(sent, Upload)
    return _file(_add(store, sent.name, str(asked["purpose"]), sent.data))


def _add(store: Store, name: str, purpose: str, data: bytes) -> File:
    file = File(store.name("file-"), name, purpose, data)
    store.files[file.id] = file
    return file


def list_files(profile: Profile, store: Store, query: Mapping[str, str]) -> Mapping[str, Any]:
    """List files, the newest first unless asked for the other ``order``."""
    asked = honoured(profile, "files.list", query, typed=False)
    found = [_file(f) for f in store.files.values() if asked.get("purpose", f.purpose) == f.purpose]
    return _page(found if asked.get("order") == "asc" else found[::-1], asked)


def _page(rows: list[dict[str, Any]], asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a page of a list, behind the id ``after``, of so many rows as ``limit`` says."""
    names = [row["id"] for row in rows]
    start = names.index(asked["after"]) + 1 if asked.get("after") in names else 0
    limit = int(asked["limit"]) if str(asked.get("limit", "")).isdecimal() else len(rows)
    page = rows[start : start + limit]
    ends = {"first_id": page[0]["id"], "last_id": page[-1]["id"]} if page else {"first_id": None, "last_id": None}
    return {"object": "list", "data": page, **ends, "has_more": start + limit < len(rows)}


def find_file(profile: Profile, store: Store, name: str) -> File:
    """Return a file that is kept.

    Raises:
        RefusalError: there is none.
    """
    if name not in store.files:
        raise refusal(profile, "no-object", parameter=f"file {name}")
    return store.files[name]


def read_file(profile: Profile, store: Store, name: str) -> Mapping[str, Any]:
    """Tell of a file."""
    return _file(find_file(profile, store, name))


def file_content(profile: Profile, store: Store, name: str) -> Content:
    """Return the bytes of a file."""
    return Content(find_file(profile, store, name).data, "application/octet-stream")


def delete_file(profile: Profile, store: Store, name: str) -> Mapping[str, Any]:
    """Forget a file."""
    del store.files[find_file(profile, store, name).id]
    return {"id": name, "object": "file", "deleted": True}


def _file(file: File) -> dict[str, Any]:
    told = {"id": file.id, "object": "file", "bytes": len(file.data), "created_at": CREATED, "filename": file.name}
    return {**told, "purpose": file.purpose, "status": "processed", "status_details": None}


# --- batches ----------------------------------------------------------------------------------------------------------


def create_batch(profile: Profile, store: Store, body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Take a batch on."""
    asked = honoured(profile, "batches.create", body)
    for name in ("input_file_id", "endpoint", "completion_window"):
        if not isinstance(asked.get(name), str):
            raise refusal(profile, "bad-parameter", parameter=name)
    if asked["input_file_id"] not in store.files or _path(asked["endpoint"]) not in _BATCHED:
        wrong = "endpoint" if asked["input_file_id"] in store.files else "input_file_id"
        raise refusal(profile, "bad-parameter", parameter=wrong)
    batch = Batch(store.name("batch_"), asked)
    store.batches[batch.id] = batch
    return _batch(batch)


def read_batch(profile: Profile, store: Store, name: str) -> Mapping[str, Any]:
    """Tell of a batch; it is done by now."""
    batch = _find_batch(profile, store, name)
    if batch.status == "validating":
        batch = store.batches[name] = _done(profile, store, batch)
    return _batch(batch)


def cancel_batch(profile: Profile, store: Store, name: str) -> Mapping[str, Any]:
    """Stop a batch that is not done."""
    batch = _find_batch(profile, store, name)
    if batch.status != "validating":
        raise refusal(profile, "bad-parameter", parameter=f"batch_id (the batch is {batch.status})")
    store.batches[name] = replace(batch, status="cancelled")
    return _batch(replace(batch, status="cancelling"))


def list_batches(profile: Profile, store: Store, query: Mapping[str, str]) -> Mapping[str, Any]:
    """List batches, the newest first."""
    asked = honoured(profile, "batches.list", query, typed=False)
    return _page([_batch(batch) for batch in reversed(store.batches.values())], asked)


def _find_batch(profile: Profile, store: Store, name: str) -> Batch:
    if name not in store.batches:
        raise refusal(profile, "no-object", parameter=f"batch {name}")
    return store.batches[name]


def _path(endpoint: str) -> str:
    return _VERSION.sub("", endpoint)


def _done(profile: Profile, store: Store, batch: Batch) -> Batch:
    """Answer each line of the batch's file; answers go into one file, refusals into another."""
    file = store.files.get(batch.asked["input_file_id"])
    texts = file.data.decode("utf-8", "replace").splitlines() if file is not None else []
    lines = [_answered(profile, batch, text, number) for number, text in enumerate(texts[:_MOST_LINES]) if text.strip()]
    if not lines:
        return replace(batch, status="failed")
    good = [line for line in lines if line["response"] is not None and line["response"]["status_code"] == 200]
    bad = [line for line in lines if line not in good]

    def written(rows: list[dict[str, Any]], name: str) -> str | None:
        data = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
        return _add(store, name, "batch_output", data).id if rows else None

    output, failed = written(good, f"{batch.id}_output.jsonl"), written(bad, f"{batch.id}_error.jsonl")
    return replace(batch, status="completed", output=output, failed=failed, counts=(len(good), len(bad)))


def _answered(profile: Profile, batch: Batch, text: str, number: int) -> dict[str, Any]:
    """Return the line that answers one of the batch."""
    try:
        line = json.loads(text)
    except ValueError:
        line = None
    told: dict[str, Any] = {
        "id": f"batch_req_{batch.id[6:]}_{number}",
        "custom_id": None,
        "response": None,
        "error": None,
    }
    if not isinstance(line, dict) or not isinstance(line.get("body"), dict) or "custom_id" not in line:
        return {**told, "error": {"code": "invalid_line", "message": "the line lacks custom_id or body"}}
    told["custom_id"] = line["custom_id"]
    if line.get("url") != batch.asked["endpoint"]:
        return {**told, "error": {"code": "mismatched_url", "message": "the line's url is not the batch's endpoint"}}
    try:
        status, body = 200, _BATCHED[_path(line["url"])](profile, line["body"])
    except RefusalError as refused:
        status, body = refused.status, refused.body
    return {**told, "response": {"status_code": status, "request_id": told["id"], "body": body}}


def _batch(batch: Batch) -> dict[str, Any]:
    ended = batch.status in ("completed", "failed")
    good, bad = batch.counts
    errors = {"object": "list", "data": [{"code": "empty_file", "message": "the file has no lines"}]}
    return {
        "id": batch.id,
        "object": "batch",
        "endpoint": batch.asked["endpoint"],
        "input_file_id": batch.asked["input_file_id"],
        "completion_window": batch.asked["completion_window"],
        "status": batch.status,
        "errors": errors if batch.status == "failed" else None,
        "output_file_id": batch.output,
        "error_file_id": batch.failed,
        "created_at": CREATED,
        "completed_at": CREATED + 1 if ended else None,
        "request_counts": {"total": good + bad, "completed": good, "failed": bad},
        "metadata": batch.asked.get("metadata"),
    }


# --- responses --------------------------------------------------------------------------------------------------------


def find_response(profile: Profile, store: Store, name: str) -> Kept:
    """Return a response that is kept.

    Raises:
        RefusalError: there is none.
    """
    if name not in store.responses:
        raise refusal(profile, "no-object", parameter=f"response {name}")
    return store.responses[name]


def delete_response(profile: Profile, store: Store, name: str) -> Mapping[str, Any]:
    """Forget a response."""
    find_response(profile, store, name)
    del store.responses[name]
    return {"id": name, "object": "response", "deleted": True}
