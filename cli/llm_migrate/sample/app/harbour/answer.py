"""Answers to customers, streamed as they are written."""

from collections.abc import Iterator

from harbour.llm import MODEL, async_client, client

STYLE = "You answer customers of an online shop. Be friendly, exact and brief."


def stream_answer(question: str, *, article: str, customer: str) -> Iterator[str]:
    """Yield the answer to a question piece by piece, based on a help article."""
    stream = client.chat.completions.create(
        model=MODEL,
        messages=[
            {"role": "system", "content": f"{STYLE}\n\nHelp article:\n{article}"},
            {"role": "user", "content": question},
        ],
        temperature=0.3,
        max_completion_tokens=300,
        frequency_penalty=0.2,
        user=customer,  # lets the provider tell customers apart
        stream=True,
    )
    for chunk in stream:
        if chunk.choices and chunk.choices[0].delta.content:
            yield chunk.choices[0].delta.content


async def suggest_reply(thread: list[str]) -> str:
    """Draft the next reply of a conversation for an agent to edit."""
    response = await async_client().chat.completions.create(
        model=MODEL,
        messages=[
            {"role": "system", "content": STYLE},
            {"role": "user", "content": "Draft our next reply.\n\n" + "\n".join(thread)},
        ],
        temperature=0.7,
        max_tokens=200,
    )
    return response.choices[0].message.content or ""
