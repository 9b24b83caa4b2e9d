"""What code of the 0.28 API becomes under the current SDK."""

from __future__ import annotations

from dataclasses import dataclass

from llm_codemods.edits import Span


@dataclass(frozen=True, slots=True)
class NewClients:
    """How a file comes by clients of the current SDK for its calls of the 0.28 API: one for each kind of call."""

    clients: tuple[tuple[str, str], ...]
    """Name and class: ``client``, ``OpenAI``."""
    module: str
    """What stands before the class: ``openai.``; nothing where the class itself is imported."""
    place: Span
    """The statement behind which they are made,"""
    replaces: bool
    """or in whose place;"""
    past_imports: bool
    """behind the import statements that follow it, too."""
    imports: tuple[tuple[Span, tuple[str, ...]], ...] = ()
    """Imports of the 0.28 API, and the statements that they become."""
    asked: tuple[tuple[str, str], ...] = ()
    """Class, and the function that its client asks for the key at each call, since the program sets it while it runs;
    others read it as they are made."""
    several_loops: bool = False
    """The program runs more than one loop of asyncio: a connection that is kept from one is dead in the next."""


@dataclass(frozen=True, slots=True)
class Upgrade:
    """What a call of the 0.28 API becomes."""

    callee: Span | None
    """What is called, where that is written out here, and"""
    function: str
    """its new name: ``client.chat.completions.create``."""
    positional: tuple[str, ...]
    """The names of positional arguments; () where they may stay."""
    arguments: tuple[tuple[str, str | None], ...]
    """Arguments that are called otherwise now; None: that are gone."""
    unpacked: tuple[tuple[str, str | None], ...]
    """The same, of what comes out of the mapping that the call unpacks."""
    body: tuple[str, ...]
    """Arguments that the current SDK does not know and sends in ``extra_body``."""
    keys: tuple[tuple[Span, str, str], ...]
    """Keys of dictionaries that are unpacked, with the argument's name here and today's."""
    clients: NewClients | None
    """None: the client that the module itself has."""
    sure: bool
