"""What live servers are asked for beyond what a profile claims: parameters with their values, as code sends them."""

import os

from openai import OpenAI

client = OpenAI(api_key=os.environ["LIVE_KEY"], base_url="http://127.0.0.1:8080/v1")
ASK = [{"role": "user", "content": "What is the weather in Paris?"}]
CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
TOOLS = [{"type": "function", "function": {"name": "get_weather", "parameters": CITY}}]


def answer() -> str | None:
    made = client.chat.completions.create(
        model="gpt-4o-mini",
        messages=ASK,
        temperature=0,
        max_completion_tokens=32,
        logprobs=True,
        top_logprobs=2,
        presence_penalty=0.5,
        user="someone",
    )
    return made.choices[0].message.content


def call() -> object:
    made = client.chat.completions.create(model="gpt-4o-mini", messages=ASK, tools=TOOLS, parallel_tool_calls=False)
    return made.choices[0].message.tool_calls


def vectors() -> list[list[float]]:
    texts = ["one", "two", "three", "four"]
    made = client.embeddings.create(model="text-embedding-3-small", input=texts)
    return [row.embedding for row in made.data]


def short_vector() -> list[float]:
    made = client.embeddings.create(model="text-embedding-3-small", input="one", dimensions=64, encoding_format="float")
    return made.data[0].embedding
