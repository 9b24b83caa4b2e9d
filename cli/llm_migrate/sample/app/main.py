"""Try the desk from the command line: one question to each of its parts."""

import asyncio
import textwrap

from harbour.answer import suggest_reply
from harbour.night import NightDesk
from harbour.search import nearest
from harbour.tools import answer_about_order

THREAD = [
    "Customer: The kettle came without a lid.",
    "We: Sorry! Do you want a lid or your money back?",
    "Customer: A lid.",
]


def show(label: str, text: str) -> None:
    print(f"{label:<9}{textwrap.shorten(text, width=70, placeholder=' …')}")


def main() -> None:
    desk = NightDesk("night")
    show("answer", desk.reply("How long do I have to send something back?", customer="c-318"))
    ticket, note = desk.open_ticket("I was charged twice for order H-1042, please fix this today!")
    show("triage", f"{ticket.queue}{' (urgent)' if ticket.urgent else ''}: {note}")
    show("order", answer_about_order("Where is my order H-1042?"))
    title, score = nearest("Where can I find my invoice?")
    show("article", f"{title} ({score:.2f})")
    show("draft", asyncio.run(suggest_reply(THREAD)))


if __name__ == "__main__":
    main()
