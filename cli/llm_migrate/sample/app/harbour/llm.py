"""Clients and model names shared by the whole desk."""

import os
from functools import lru_cache

from openai import AsyncOpenAI, OpenAI

MODEL = "gpt-4o-mini"
EMBEDDING_MODEL = "text-embedding-3-small"

client = OpenAI(api_key=os.getenv("OPENAI_API_KEY"), timeout=30.0)


@lru_cache(maxsize=1)
def async_client() -> AsyncOpenAI:
    return AsyncOpenAI(api_key=os.getenv("OPENAI_API_KEY"), max_retries=3)
