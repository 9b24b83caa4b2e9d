"""Nightly export of FAQ entries. Still on openai 0.28, runs in its own container."""

import os

import openai

openai.api_key = os.environ["OPENAI_API_KEY"]


def rewrite_entry(entry):
    try:
        response = openai.ChatCompletion.create(
            model="gpt-3.5-turbo",
            messages=[{"role": "user", "content": "Rewrite this FAQ entry in plain words:\n" + entry}],
            temperature=0.2,
            request_timeout=60,
        )
    except openai.error.RateLimitError:
        return entry
    return response["choices"][0]["message"]["content"].strip()
