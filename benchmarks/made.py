"""Made projects of any size, the same ones every time: modules that do not touch OpenAI, and modules that do."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

PLAIN = dedent(
    '''
    """Keeps the {noun}s of the {area}."""

    from __future__ import annotations

    import json
    import logging
    from dataclasses import dataclass, field
    from pathlib import Path

    from {package}.{neighbour} import {Neighbour}Store

    log = logging.getLogger(__name__)


    @dataclass
    class {Noun}:
        """One {noun}."""

        name: str
        price: float = {price}
        tags: list[str] = field(default_factory=list)

        def total(self, count: int) -> float:
            if count < 0:
                raise ValueError("count must not be negative")
            return round(self.price * count, 2)


    class {Noun}Store:
        def __init__(self, path: Path, others: {Neighbour}Store | None = None) -> None:
            self.path = path
            self.others = others
            self.items: dict[str, {Noun}] = {{}}

        def load(self) -> int:
            for row in json.loads(self.path.read_text("utf-8")):
                self.items[row["name"]] = {Noun}(row["name"], row.get("price", {price}), row.get("tags", []))
            log.info("%d {noun}s of the {area}", len(self.items))
            return len(self.items)

        def cheapest(self, limit: int = {limit}) -> list[{Noun}]:
            found = sorted(self.items.values(), key=lambda item: item.price)
            return [item for item in found if "hidden" not in item.tags][:limit]
    '''
).lstrip()

USING = dedent(
    '''
    """Writes about the {noun}s of the {area}."""

    from __future__ import annotations

    import os
    from collections.abc import Iterator

    from openai import OpenAI, RateLimitError

    from {package}.{neighbour} import {Neighbour}Store

    MODEL = os.environ.get("WRITER_MODEL", "gpt-4o-mini")


    class {Noun}Writer:
        def __init__(self, store: {Neighbour}Store) -> None:
            self.client = OpenAI(api_key=os.environ["OPENAI_API_KEY"], timeout={limit})
            self.store = store

        def describe(self, name: str) -> str | None:
            try:
                response = self.client.chat.completions.create(
                    model=MODEL,
                    messages=[
                        {{"role": "system", "content": "You describe {noun}s."}},
                        {{"role": "user", "content": f"Describe {{name}} in one sentence."}},
                    ],
                    temperature={temperature},
                )
            except RateLimitError:
                return None
            return response.choices[0].message.content

        def stream(self, name: str) -> Iterator[str]:
            chunks = self.client.chat.completions.create(
                model=MODEL, messages=[{{"role": "user", "content": name}}], stream=True
            )
            for chunk in chunks:
                yield chunk.choices[0].delta.content or ""

        def vectors(self, texts: list[str]) -> list[list[float]]:
            response = self.client.embeddings.create(model="text-embedding-3-small", input=texts)
            return [row.embedding for row in response.data]
    '''
).lstrip()

AREAS = ("warehouse", "shop", "archive", "garden", "library", "harbour", "kitchen", "workshop")
NOUNS = ("order", "ticket", "invoice", "parcel", "recipe", "volume", "seed", "vessel", "tool", "crate")
PER_PACKAGE = 40
PLAIN_CLASSES = 4
"""In a long module."""


def text_of(template: str, number: int) -> str:
    """Return the text of the module of this number: ``PLAIN`` or ``USING``, filled in."""
    chance = random.Random(number)  # the same every time
    package = number // PER_PACKAGE
    neighbour = package * PER_PACKAGE + (number * 7 + 1) % PER_PACKAGE
    noun = _noun(number)
    return template.format(
        area=chance.choice(AREAS),
        limit=chance.randint(3, 60),
        neighbour=f"plain_{neighbour}",
        Neighbour=_as_class(_noun(neighbour)),
        noun=noun,
        Noun=_as_class(noun),
        package=f"package_{package}",
        price=chance.randint(1, 9999) / 100,
        temperature=chance.randint(0, 10) / 10,
    )


def _noun(number: int) -> str:
    return f"{NOUNS[number % len(NOUNS)]}_{number}"


def _as_class(noun: str) -> str:
    return noun.title().replace("_", "")


def modules(plain: int, using: int) -> Iterator[tuple[str, str]]:
    """Yield path and text of so many modules that do not touch OpenAI, and so many that do, in packages."""
    for package in range(-(-max(plain, using) // PER_PACKAGE)):
        yield f"package_{package}/__init__.py", ""
    for kind, count, template in (("plain", plain, PLAIN), ("using", using, USING)):
        for number in range(count):
            yield f"package_{number // PER_PACKAGE}/{kind}_{number}.py", text_of(template, number)


def long_modules(count: int) -> Iterator[tuple[str, str]]:
    """Yield path and text of modules as long as those that use OpenAI are: behind its use stand classes without."""
    for number in range(count):
        head = text_of(USING, number).replace("import os\n", "import json\nimport logging\nimport os\n", 1)
        classes = (text_of(PLAIN, number + part).partition("@dataclass")[2] for part in range(PLAIN_CLASSES))
        yield f"using_{number}.py", "\n\n@dataclass".join((head, *classes))


def write(folder: Path, plain: int, using: int) -> int:
    """Write such modules below a folder; return their bytes."""
    size = 0
    for path, text in modules(plain, using):
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        size += file.write_bytes(text.encode())
    return size
