"""Sort incoming messages into queues."""

import json
from dataclasses import dataclass

import openai

from harbour.llm import MODEL, client

QUEUES = ("billing", "delivery", "returns", "general")
INSTRUCTIONS = (
    f"Sort the customer's message. Reply with a JSON object with the keys queue (one of {', '.join(QUEUES)}), "
    "urgent (true or false) and subject (at most eight words)."
)


@dataclass(frozen=True)
class Ticket:
    queue: str
    urgent: bool
    subject: str


def triage(message: str) -> Ticket:
    """Return the ticket for a message; what cannot be sorted goes to the general queue."""
    try:
        response = client.chat.completions.create(
            model=MODEL,
            messages=[
                {"role": "developer", "content": INSTRUCTIONS},
                {"role": "user", "content": message},
            ],
            response_format={"type": "json_object"},
            temperature=0,
            seed=7,
        )
    except openai.RateLimitError:
        return Ticket("general", urgent=False, subject=message[:60])
    return parse_ticket(response.choices[0].message.content or "{}", message)


def parse_ticket(reply: str, message: str) -> Ticket:
    """Read the model's reply, filling in what it left out; a reply that is no JSON says nothing."""
    try:
        fields = json.loads(reply)
    except json.JSONDecodeError:
        fields = {}
    queue = fields.get("queue")
    return Ticket(
        queue=queue if queue in QUEUES else "general",
        urgent=fields.get("urgent") is True,
        subject=str(fields.get("subject") or message[:60]),
    )
