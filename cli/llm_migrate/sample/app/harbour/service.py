"""The desk itself: what the web front end calls."""

from harbour import llm
from harbour.answer import stream_answer
from harbour.search import ARTICLES, nearest
from harbour.triage import Ticket, triage


class Desk:
    """One open desk. Subclasses decide what happens to a ticket."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.client = llm.client

    def reply(self, question: str, customer: str) -> str:
        title, _ = nearest(question)
        return "".join(stream_answer(question, article=ARTICLES[title], customer=customer))

    def open_ticket(self, message: str) -> tuple[Ticket, str]:
        """Sort a message and return the ticket with a note for the colleague who takes it."""
        ticket = triage(message)
        return ticket, self.note(ticket, message)

    def note(self, ticket: Ticket, message: str) -> str:
        raise NotImplementedError
