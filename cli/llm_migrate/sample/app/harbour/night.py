"""The night desk, where nobody answers before morning."""

from harbour.llm import MODEL
from harbour.service import Desk
from harbour.triage import Ticket


class NightDesk(Desk):
    def note(self, ticket: Ticket, message: str) -> str:
        response = self.client.chat.completions.create(
            model=MODEL,
            messages=[
                {"role": "system", "content": f"Write a one-line note for the {ticket.queue} team of tomorrow."},
                {"role": "user", "content": message},
            ],
            max_tokens=60,
            stop=["\n"],
        )
        return response.choices[0].message.content or ticket.subject
