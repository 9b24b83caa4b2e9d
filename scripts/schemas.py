"""Write the JSON Schemas of what the program reads and writes.

``python scripts/schemas.py`` writes ``cli/llm_migrate/schemas/<name>.json``. What a profile and the settings may say is
taken from the dataclasses that they are read into; what the commands print is described here. ``--check`` writes
nothing and fails when a file is not what it should be.
"""

from __future__ import annotations

import argparse
import ast
import datetime
import inspect
import itertools
import json
import sys
import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints

from llm_codemods.call_shape import CallShape, Why
from llm_codemods.check_report import Conclusion, SiteVerdict
from llm_codemods.profile import Profile, Row, Status
from llm_codemods.proof import Outcome, Spent
from llm_codemods.report import Verdict
from llm_codemods.sdk import Sdk
from llm_codemods.style import Style
from llm_codemods.text import Note
from llm_migrate import config
from llm_migrate.config import Config

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "cli" / "llm_migrate" / "schemas"
DRAFT = "https://json-schema.org/draft/2020-12/schema"

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
COUNT: Schema = {"type": "integer", "minimum": 0}
PLACE: Schema = {"type": "integer", "minimum": 1}
NUMBER: Schema = {"type": "number"}
TRUTH: Schema = {"type": "boolean"}
SCALAR: Schema = {"type": ["string", "number", "boolean", "null"]}
DATE: Schema = {"type": "string", "format": "date"}
PLAIN: Mapping[type, Schema] = {
    str: TEXT,
    int: {"type": "integer"},
    float: NUMBER,
    bool: TRUTH,
    type(None): {"type": "null"},
    datetime.date: DATE,
}
CODE: Schema = {"type": "string", "pattern": "^LM[1-9][0-9]{2}$"}


def record(properties: Mapping[str, Schema], *more: str, says: str = "") -> Schema:
    """Return the schema of an object with these properties and no others; those named in ``more`` may be absent."""
    schema: Schema = {"type": "object", **({"description": says} if says else {})}
    required = [name for name in properties if name not in more]
    return schema | {"properties": dict(properties), "required": required, "additionalProperties": False}


def listed(items: Schema) -> Schema:
    """Return the schema of a list."""
    return {"type": "array", "items": items}


def table(values: Schema) -> Schema:
    """Return the schema of an object whose names are free."""
    return {"type": "object", "additionalProperties": values}


def maybe(schema: Schema) -> Schema:
    """Return a schema that allows null, too."""
    if isinstance(schema.get("type"), str) and "enum" not in schema:
        return schema | {"type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


def one_of(kind: type[Enum]) -> Schema:
    """Return the schema of the values of an enumeration."""
    return {"enum": [member.value for member in kind]}


def ref(name: str) -> Schema:
    """Return a reference to a definition of the same document."""
    return {"$ref": f"#/$defs/{name}"}


def document(title: str, body: Schema, **definitions: Schema) -> Schema:
    """Return a whole schema."""
    return {"$schema": DRAFT, "title": title, **body, **({"$defs": definitions} if definitions else {})}


# --- what is read into dataclasses ------------------------------------------------------------------------------------


@cache
def notes(cls: type) -> Mapping[str, str]:
    """Return what the source says of each field of a class: the text below it."""
    tree = ast.parse(inspect.getsource(inspect.getmodule(cls) or cls))
    classes = (node for node in ast.walk(tree) if isinstance(node, ast.ClassDef) and node.name == cls.__name__)
    body = next(classes).body
    found: dict[str, str] = {}
    for field, below in itertools.pairwise(body):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(below, ast.Expr):
            value = below.value
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                found[field.target.id] = plain(value.value)
    return found


def plain(text: str) -> str:
    """Return a docstring's text as one line, without its marks."""
    return " ".join(text.split()).replace("``", "`")


@dataclass
class Types:
    """Turns types into schemas; ``definitions`` are those of the dataclasses met on the way.

    ``written``: the schema is for what a person writes, where rows may leave out what is filled in for them; otherwise
    for what the program prints of it.
    """

    written: bool
    definitions: dict[str, Schema]
    named: Callable[[Field[Any]], str] = lambda field: field.name

    def of(self, kind: Any) -> Schema:
        """Return the schema of a type."""
        origin, inner = get_origin(kind), get_args(kind)
        if origin in (Union, types.UnionType):
            given = [self.of(each) for each in inner if each is not type(None)]
            if self.written:  # what TOML does not say is left out
                return given[0] if len(given) == 1 else {"anyOf": given}
            return maybe(given[0]) if len(given) == 1 else {"anyOf": [*given, {"type": "null"}]}
        if origin is tuple and inner[-1] is not ...:
            return {
                "type": "array",
                "prefixItems": [self.of(each) for each in inner],
                "minItems": len(inner),
                "items": False,
            }
        if origin is tuple:
            return listed(self.of(inner[0]))
        if origin is not None and issubclass(origin, Mapping):
            return table(self.of(inner[1]))
        if kind is Any:
            return {}
        if kind is Note and self.written:
            return {"anyOf": [TEXT, self.defined(Note)]}
        if is_dataclass(kind) and isinstance(kind, type):
            return self.defined(kind)
        if issubclass(kind, Enum):
            return one_of(kind)
        return PLAIN[kind]

    def defined(self, cls: type) -> Schema:
        """Return a reference to the definition of a dataclass."""
        if cls.__name__ not in self.definitions:
            self.definitions[cls.__name__] = {}
            self.definitions[cls.__name__] = self.fields(cls)
        return ref(cls.__name__)

    def fields(self, cls: Any) -> Schema:
        """Return the schema of a dataclass."""
        hints = get_type_hints(cls)
        filled = {f.name for f in fields(Row)} if self.written and issubclass(cls, Row) else set()
        properties: dict[str, Schema] = {}
        required: list[str] = []
        for field in fields(cls):
            name = self.named(field)
            said = next((notes(c)[field.name] for c in cls.__mro__ if field.name in notes_of(c)), None)
            properties[name] = self.of(hints[field.name]) | ({"description": said} if said else {})
            if field.default is MISSING and field.default_factory is MISSING and field.name not in filled:
                required.append(name)
        doc = plain((inspect.getdoc(cls) or "").partition("\n\n")[0])
        return {
            "type": "object",
            "description": doc,
            "properties": properties,
            **({"required": required} if required else {}),
            "additionalProperties": False,
        }


def notes_of(cls: type) -> Mapping[str, str]:
    """Return the notes of a class of ours; of others nothing."""
    return notes(cls) if cls.__module__.startswith("llm_") else {}


def profile() -> Schema:
    """Return what the file of a profile may say: a bundled one, or a user's own, which may build on another."""
    kinds = Types(written=True, definitions={})
    body = kinds.fields(Profile)
    body["properties"]["extends"]["description"] = "a bundled profile by its id, or the path of another file"
    alone = [name for name in body.pop("required") if name != "sources"]
    body |= {"if": {"not": {"required": ["extends"]}}, "then": {"required": alone}}
    return document("llm-migrate … --to PROFILE.toml", body, **kinds.definitions)


def provider() -> Schema:
    """Return what ``providers show`` prints: a profile; what it does not say is left out."""
    kinds = Types(written=False, definitions={})
    body = record({"schema": {"const": 1}, "provider": kinds.defined(Profile)})
    shown = {name: _shortened(each) for name, each in kinds.definitions.items()}
    return document("llm-migrate providers show --format json", body, **shown)


def _shortened(schema: Schema) -> Schema:
    """Return the definition of a dataclass of which null, false and what is empty is not printed."""
    properties = {name: _never_null(each) for name, each in schema["properties"].items()}
    required = [n for n in schema.get("required", ()) if properties[n].get("type") not in ("object", "array")]
    return schema | {"properties": properties, "required": required}


def _never_null(schema: Schema) -> Schema:
    if isinstance(schema.get("type"), list):
        return schema | {"type": schema["type"][0]}
    if "anyOf" in schema:
        rest = {name: each for name, each in schema.items() if name != "anyOf"}
        (alone,) = (each for each in schema["anyOf"] if each != {"type": "null"})
        return {**alone, **rest}
    return schema


def settings() -> Schema:
    """Return what ``[tool.llm-migrate]`` of a pyproject.toml may say."""
    kinds = Types(written=True, definitions={}, named=lambda field: field.name.rstrip("_").replace("_", "-"))
    ours = kinds.fields(Config)
    ours["properties"]["style"] |= one_of(Style)
    ours["properties"]["sdk"] |= one_of(Sdk)
    outer = {"type": "object", "properties": {"llm-migrate": ref("settings")}}
    body = {"type": "object", "properties": {"tool": outer}}
    return document(f"{config.FILE} [{config.TABLE}]", body, **kinds.definitions, settings=ours)


# --- what the commands print ------------------------------------------------------------------------------------------

VALUE: Schema = {
    "description": "a number, a boolean, a word of the API, or what is known of anything else",
    "anyOf": [
        SCALAR,
        record(
            {
                "type": {"enum": ["variable", "text", "array", "object", "class"]},
                "values": listed(SCALAR),
                "environment": listed(TEXT),
                "length": COUNT,
                "entries": table(ref("value")),
                "name": TEXT,
            },
            *("values", "environment", "length", "entries", "name"),
        ),
    ],
}
REQUEST = record(
    {
        "parameters": table(ref("value")),
        "roles": listed(TEXT),
        "tools": maybe(record({"names": listed(TEXT), "strict": TRUTH, "number": maybe(COUNT)})),
        "tool_choice": listed(TEXT),
        "response_format": maybe(record({"type": maybe(TEXT), "name": maybe(TEXT)})),
        "stream": maybe(TRUTH),
        "models": listed(TEXT),
        "batch": maybe(COUNT),
        "dimensions": maybe({"type": "integer"}),
        "unknown": TRUTH,
    },
    says="what a call sends, as far as the code tells",
)
FINDING: dict[str, Schema] = {
    "code": CODE | {"description": "of the rule"},
    "name": {"type": "string", "pattern": "^[a-z0-9-]+$", "description": "of the rule"},
    "path": TEXT | {"description": "relative to the root of the run"},
    "cell": COUNT | {"description": "in a notebook, the index of the cell; lines count within it"},
    "line": PLACE,
    "column": PLACE,
    "end_line": PLACE,
    "end_column": PLACE,
    "kind": TEXT,
    "api": TEXT | {"description": "the method, class, model or variable that is found"},
    "verdict": maybe(one_of(Verdict)) | {"description": "null in a scan without a target"},
    "message": TEXT,
    "fix": maybe(TEXT) | {"description": "what the fix does; null where there is none"},
    "request": ref("request"),
}
SKIPPED = record({"path": TEXT, "reason": TEXT})
LOCATION = record({"path": TEXT, "line": PLACE, "cell": maybe(COUNT)})
TARGET: Schema = maybe(TEXT) | {"description": "the id of the provider; null without one"}


def scan() -> Schema:
    """Return what ``scan`` prints."""
    verdicts = {verdict.value: COUNT for verdict in Verdict}
    counts = dict.fromkeys(("files", "findings", "open", "suppressed", "known"), COUNT)
    return document(
        "llm-migrate scan --format json",
        record(
            {
                "schema": {"const": 1},
                "target": TARGET,
                "findings": listed(ref("finding")),
                "skipped": listed(SKIPPED),
                "summary": record(counts | verdicts, *verdicts),
            }
        ),
        finding=record(FINDING, "cell", "request"),
        request=REQUEST,
        value=VALUE,
    )


def rewrite() -> Schema:
    """Return what ``rewrite`` prints."""
    state = record({"provider": TEXT, "endpoint": TEXT, "key": TEXT, "models": listed(TEXT)})
    client = record({"place": TEXT, "kind": TEXT, "before": ref("state"), "after": maybe(ref("state"))})
    found = {name: each for name, each in FINDING.items() if name != "request"}
    proofs = check()
    return document(
        "llm-migrate rewrite --format json",
        record(
            {
                "schema": {"const": 1},
                "target": TARGET,
                "changed": listed(TEXT) | {"description": "the files that changed, or would change with --check"},
                "clients": listed(client),
                "applied": listed(ref("finding")),
                "remaining": listed(ref("finding")),
                "held": listed(ref("finding")) | {"description": "those whose fix needs a person's look"},
                "refused": listed(record(found | {"reason": TEXT}, "cell")),
                "skipped": listed(SKIPPED),
                "summary": record(dict.fromkeys(("changed", "applied", "remaining", "suppressed"), COUNT)),
                "check": maybe(ref("check")) | {"description": "what the endpoint showed; null if it was not asked"},
            }
        ),
        finding=record(found, "cell"),
        state=state,
        check={name: each for name, each in proofs.items() if name not in ("$schema", "title", "$defs")},
        **proofs["$defs"],
    )


def check() -> Schema:
    """Return what ``check`` prints."""
    kinds = Types(written=False, definitions={})
    shape = kinds.defined(CallShape)
    proof = record(
        {
            "feature": TEXT,
            "value": SCALAR,
            "name": TEXT,
            "model": maybe(TEXT),
            "dimensions": maybe({"type": "integer"}),
            "shape": maybe(shape),
            "outcome": one_of(Outcome),
            "fails": TRUTH,
            "claim": maybe(one_of(Status)) | {"description": "what the profile says"},
            "row": listed(TEXT) | {"description": "the way to the row of the profile"},
            "disagrees": TRUTH,
            "evidence": TEXT,
            "seconds": NUMBER | {"minimum": 0},
            "trials": listed(one_of(Outcome)),
            "interval": maybe({"type": "array", "items": NUMBER, "minItems": 2, "maxItems": 2})
            | {"description": "between which rates it works"},
            "locations": listed(LOCATION),
        }
    )
    unseen = record(
        {"name": maybe(TEXT), "why": one_of(Why), "detail": maybe(TEXT), "hinders": TRUTH, "message": TEXT},
        says="something that the site sends and nobody sees",
    )
    numbers = listed(COUNT) | {"description": "places in the list of proofs"}
    site = record(
        {
            **LOCATION["properties"],
            "kind": TEXT,
            "api": TEXT,
            "verdict": one_of(SiteVerdict),
            "proofs": numbers,
            "may_need": numbers,
            "unseen": listed(unseen),
            "shapes": listed(shape),
        }
    )
    spread = record({"streams": COUNT, **{name: maybe(NUMBER) for name in ("least", "median", "p95", "most")}})
    endpoint = {
        "provider": TEXT,
        "region": TEXT,
        "base_url": TEXT,
        "emulated": TRUTH | {"description": "an emulator answered: this proves nothing about a provider"},
        "interrupted": TRUTH,
        "spent": maybe(kinds.defined(Spent)),
        "speeds": listed(
            record({"model": TEXT, "first_token": ref("spread"), "tokens_per_second": maybe(ref("spread"))})
        ),
        "proofs": listed(ref("proof")),
        "sites": listed(ref("site")),
        "disagreements": listed(record({"row": listed(TEXT), "claim": one_of(Status), "proofs": numbers})),
        "unlisted": listed(record({"model": TEXT, "served": TRUTH, "successors": listed(TEXT)})),
        "summary": record(
            {"total": COUNT, **{o.value: COUNT for o in Outcome}, "failed": COUNT, "disagreements": COUNT}
        ),
    }
    return document(
        "llm-migrate check --format json",
        record(
            {
                "schema": {"const": 2},
                "command": {"const": "check"},
                "conclusion": one_of(Conclusion),
                "coverage": record({"sites": COUNT, **{verdict.value: COUNT for verdict in SiteVerdict}}),
                "moved_files": maybe(COUNT),
                **endpoint,
                "embeddings": record(endpoint, says="the endpoint that embeddings go to, if it is another"),
            },
            "embeddings",
        ),
        proof=proof,
        site=site,
        spread=spread,
        **kinds.definitions,
    )


def observed() -> Schema:
    """Return what ``check --run`` prints."""
    request = record(
        {
            "api": maybe(TEXT),
            "method": TEXT,
            "path": TEXT,
            "model": maybe(TEXT),
            "shape": listed(TEXT),
            "status": maybe({"type": "integer"}),
            "outcome": one_of(Outcome),
            "evidence": TEXT,
            "sites": listed(LOCATION),
            "count": PLACE,
        }
    )
    counts = ("requests", *(o.value for o in Outcome), "direct", "sites", "sites_seen", "sites_perhaps_seen")
    return document(
        "llm-migrate check --run … --format json",
        record(
            {
                "schema": {"const": 2},
                "command": {"const": "check"},
                "observed": {"const": True},
                "provider": TEXT,
                "region": TEXT,
                "base_url": TEXT,
                "emulated": TRUTH,
                "exit_code": maybe({"type": "integer"}) | {"description": "of the command; null if it was interrupted"},
                "requests": listed(request),
                "direct": listed(record({"host": TEXT, "why": TEXT, "count": PLACE})),
                "unseen": listed(LOCATION),
                "summary": record(dict.fromkeys(counts, COUNT)),
            }
        ),
    )


def check_list() -> Schema:
    """Return what ``check --list`` prints."""
    request = record(
        {
            "feature": TEXT,
            "name": TEXT,
            "model": maybe(TEXT),
            "method": {"enum": ["GET", "POST"]},
            "path": TEXT,
            "most_tokens": COUNT,
            "sites": listed(LOCATION),
        }
    )
    one: dict[str, Schema] = {
        "schema": {"const": 2},
        "command": {"const": "check"},
        "provider": TEXT,
        "region": TEXT,
        "base_url": TEXT,
        "requests": listed(request),
        "summary": record({"requests": COUNT, "most_tokens": COUNT}),
    }
    return document("llm-migrate check --list --format json", record(one | {"embeddings": record(one)}, "embeddings"))


def compare() -> Schema:
    """Return what ``compare`` prints."""
    model = {
        "context": maybe(COUNT),
        "price_in": maybe(NUMBER) | {"description": "for a million tokens, in `currency`"},
        "price_out": maybe(NUMBER),
        "currency": maybe(TEXT),
        "cost": maybe(NUMBER) | {"description": "of the volume that was asked for"},
    }
    stand_in = record(
        {"for": TEXT, "places": COUNT, "model": maybe(TEXT), "provider": TEXT, **model, "before": record(model)}
    )
    amounts = maybe(record({"amounts": table(NUMBER), "complete": TRUTH}))
    told = "of the volume, spread over the models by the places that ask them; `complete`: all prices are known"
    total = maybe(record({"chat": amounts, "embeddings": amounts})) | {"description": told}
    fit = record(
        {
            "id": TEXT,
            "region": TEXT,
            "uses": record({verdict.value: COUNT for verdict in Verdict}),
            "movable": maybe(NUMBER),
            "missing": table(COUNT),
            "models": listed(stand_in),
            "total": total,
        }
    )
    return document(
        "llm-migrate compare --format json",
        record(
            {
                "schema": {"const": 1},
                "command": {"const": "compare"},
                "volume": maybe(record({"in": NUMBER, "out": NUMBER})),
                "before": total | {"description": "what the models of today cost"},
                "providers": listed(fit),
            }
        ),
    )


def providers() -> Schema:
    """Return what ``providers`` prints."""
    name = record({"en": TEXT, "zh": TEXT})
    region = record({"id": TEXT, "name": name, "base_url": TEXT, "key_env": TEXT})
    row = record({"id": TEXT, "name": name, "aliases": listed(TEXT), "partial": TRUTH, "regions": listed(region)})
    return document("llm-migrate providers --format json", record({"schema": {"const": 1}, "providers": listed(row)}))


def providers_compare() -> Schema:
    """Return what ``providers compare`` prints."""
    row = record({"differs": TRUTH, "status": table(maybe(TEXT))})
    return document(
        "llm-migrate providers compare --format json",
        record({"schema": {"const": 1}, "providers": listed(TEXT), "rows": table(table(row))}),
    )


def rules() -> Schema:
    """Return what ``explain`` prints of rules."""
    row = record({"code": CODE, **dict.fromkeys(("name", "title", "why", "fix", "safety", "source"), TEXT)})
    return document("llm-migrate explain --format json", record({"schema": {"const": 1}, "rules": listed(row)}))


def gotchas() -> Schema:
    """Return what ``explain G`` prints."""
    row = record(
        {
            "id": {"type": "string", "pattern": "^G[0-9]{2,3}$"},
            "tier": PLACE,
            "title": TEXT,
            "advised": listed(one_of(Verdict)),
            "covered": maybe(TEXT),
            "rules": listed(CODE),
        }
    )
    return document("llm-migrate explain G --format json", record({"schema": {"const": 1}, "gotchas": listed(row)}))


def baseline() -> Schema:
    """Return what ``scan --write-baseline`` writes."""
    row = record(
        {
            "path": TEXT,
            "code": CODE,
            "api": TEXT,
            "hash": {"type": "string", "pattern": "^[0-9a-f]{16}$"},
            "count": PLACE,
        }
    )
    return document(
        "llm-migrate scan --write-baseline",
        record({"schema": {"const": 1}, "target": TARGET, "findings": listed(row)}),
    )


SCHEMAS: Mapping[str, Callable[[], Schema]] = {
    "baseline": baseline,
    "check": check,
    "check-list": check_list,
    "check-run": observed,
    "compare": compare,
    "gotchas": gotchas,
    "profile": profile,
    "provider": provider,
    "providers": providers,
    "providers-compare": providers_compare,
    "rewrite": rewrite,
    "rules": rules,
    "scan": scan,
    "settings": settings,
}


def wanted() -> dict[Path, str]:
    """Return file -> text of all schemas."""
    return {
        FOLDER / f"{name}.json": json.dumps(schema(), ensure_ascii=False, indent=2) + "\n"
        for name, schema in SCHEMAS.items()
    }


def stale(texts: Mapping[Path, str]) -> list[Path]:
    """Return the files that are missing, say something else or should be gone."""
    changed = {file for file, said in texts.items() if not file.is_file() or file.read_text("utf-8") != said}
    return sorted(changed | (set(FOLDER.glob("*.json")) - texts.keys()))


def main() -> int:
    """Write the schemas, or say which are stale; return 1 if any is."""
    parser = argparse.ArgumentParser(description="Write the JSON Schemas.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a schema is stale")
    check: bool = parser.parse_args().check
    texts = wanted()
    found = stale(texts)
    for file in found:
        if check:
            print(f"stale: {file.relative_to(ROOT)}; run `make schemas`")
        elif file in texts:
            file.write_text(texts[file], "utf-8", newline="\n")
        else:
            file.unlink()
    return int(check and bool(found))


if __name__ == "__main__":
    sys.exit(main())
