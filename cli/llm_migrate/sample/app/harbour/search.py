"""Search the help articles by meaning."""

import math
from functools import cache

from harbour.llm import EMBEDDING_MODEL, client

ARTICLES = {
    "Returns": "You can return any item within 30 days. Print the label from your account and use any parcel shop.",
    "Delivery": "Orders placed before noon leave the same day. The tracking link comes by mail in the evening.",
    "Invoices": "Invoices are in your account under Orders. Change the billing address before the order is packed.",
    "Gift cards": "Gift cards are valid for three years and can be used together with any other payment.",
}


def embed(texts: list[str]) -> list[list[float]]:
    response = client.embeddings.create(model=EMBEDDING_MODEL, input=texts)
    return [item.embedding for item in response.data]


@cache
def article_vectors() -> dict[str, list[float]]:
    vectors = embed([f"{title}\n{text}" for title, text in ARTICLES.items()])
    return dict(zip(ARTICLES, vectors))


def cosine(a: list[float], b: list[float]) -> float:
    norms = math.hypot(*a) * math.hypot(*b)
    return sum(x * y for x, y in zip(a, b)) / norms if norms else 0.0


def nearest(question: str) -> tuple[str, float]:
    """Return the title of the article closest to a question, and how close it is."""
    (vector,) = embed([question])
    return max(
        ((title, cosine(vector, other)) for title, other in article_vectors().items()),
        key=lambda match: match[1],
    )
