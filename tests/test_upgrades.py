"""Code for openai before 1.0 moves as a whole file, or a person must look at all of it."""

from __future__ import annotations

from pathlib import Path

import pytest

import cases
from llm_codemods import profile as profiles
from llm_codemods.migration import is_offered, migrate, plan
from llm_codemods.report import Verdict
from llm_codemods.sdk import Sdk
from llm_migrate.settings import Settings

CALL = 'openai.ChatCompletion.create(model="gpt-4", messages=[])'
MOVED = frozenset({"LM104", "LM105", "LM109", "LM402", "LM409", "LM504"})


def verdicts(folder: Path, code: str, *, to: str = "qwen", sdk: Sdk = Sdk.CURRENT) -> dict[str, set[Verdict | None]]:
    """Return the verdicts of what moves to the current SDK, by code; what is ready is left out."""
    cases.write(folder, {"main.py": code.encode()})
    found: dict[str, set[Verdict | None]] = {}
    for finding in Settings(folder, profile=profiles.find(to), sdk=sdk).analyse().findings:
        if finding.code in MOVED and finding.verdict is not Verdict.READY:
            found.setdefault(finding.code, set()).add(finding.verdict)
    return found


def result(folder: Path, code: str) -> str:
    cases.write(folder, {"main.py": code.encode()})
    again = Settings(folder, profile=profiles.find("qwen")).analyse
    return plan(again(), again).changes["main.py"].decode()


def test_all_that_can_be_followed_is_sure(tmp_path: Path) -> None:
    code = f"""
import openai
openai.api_key = "sk-notAKeyNotAKeyNotAKey0000"
try:
    print({CALL}["choices"][0]["message"]["content"])
except openai.error.Timeout:
    pass
"""
    fix = {Verdict.FIX}
    assert verdicts(tmp_path, code) == {"LM105": fix, "LM109": fix, "LM402": fix, "LM504": fix}


@pytest.mark.parametrize(
    "lost",
    [
        f"store({CALL})",
        f"for key in {CALL}.values(): print(key)",
        f"print(isinstance({CALL}, dict))",
        'openai.ChatCompletion.create(model="gpt-4", messages=[], api_key=harbour.key())',
        'openai.ChatCompletion.create(model="gpt-4", messages=[], request_timeout=(5, 60))',
        'openai.ChatCompletion.create(**dict(engine="gpt-4"), **dict(messages=[]))',
    ],
)
def test_nothing_is_sure_beside_what_is_lost(tmp_path: Path, lost: str) -> None:
    code = f"""
import harbour
import openai
from harbour import store
{lost}
try:
    print({CALL}["choices"][0]["message"]["content"])
except openai.error.Timeout:
    pass
"""
    found = verdicts(tmp_path, code)
    assert {"LM109", "LM402", "LM504"} <= found.keys()
    assert all(Verdict.REVIEW in found[code] for code in ("LM109", "LM402", "LM504"))
    assert Verdict.FIX not in set().union(*found.values())


@pytest.mark.parametrize(("to", "sdk"), [("qwen", Sdk.KEEP), ("openai", Sdk.CURRENT)])
def test_what_stays(tmp_path: Path, to: str, sdk: Sdk) -> None:
    code = f"""
import openai
try:
    print({CALL}["choices"][0]["message"]["content"])
except openai.error.Timeout:
    pass
"""
    assert verdicts(tmp_path, code, to=to, sdk=sdk).keys() <= {"LM104"}


@pytest.mark.parametrize(
    ("names", "client"),
    [("", "client"), ("client = 1\n", "openai_client"), ("client = openai_client = 1\n", "llm_client")],
)
def test_no_name_is_taken_twice(tmp_path: Path, names: str, client: str) -> None:
    after = result(tmp_path, f"import openai\n{names}print({CALL})\n")
    assert f"\n{client} = openai.OpenAI(" in after
    assert f"print({client}.chat.completions.create(" in after


def test_a_block_is_never_empty(tmp_path: Path) -> None:
    code = f"""
import openai


def ask():
    from openai import ChatCompletion
    return ChatCompletion.create(model="gpt-4", messages=[])


class Key:
    openai.organization = "org-1"


openai.api_key = "sk-notAKeyNotAKeyNotAKey0000"
print({CALL})
"""
    compile(result(tmp_path, code), "main.py", "exec")


@pytest.mark.parametrize(
    ("call", "code", "verdict"),
    [
        (
            'openai.Completion.create(engine="gpt-3.5-turbo-instruct", prompt="a")["choices"][0]["text"]',
            "LM112",
            Verdict.FIX,
        ),
        ('openai.Completion.create(engine="davinci-002", prompt="a")["choices"][0]["text"]', "LM112", Verdict.REVIEW),
        (
            'openai.ChatCompletion.create(model="gpt-4", messages=[], functions=[{"name": "f"}])["choices"][0]'
            '["message"].get("function_call")',
            "LM306",
            Verdict.FIX,
        ),
    ],
)
def test_calls_are_judged_for_what_they_will_be(tmp_path: Path, call: str, code: str, verdict: Verdict) -> None:
    """Nothing is manual of a call of 0.28 that becomes one of today that can be converted; one run does both."""
    cases.write(tmp_path, {"main.py": f"import openai\n\nprint({call})\n".encode()})

    again = Settings(tmp_path, profile=profiles.find("qwen")).analyse
    before = again()
    assert Verdict.MANUAL not in {f.verdict for f in before.findings}
    assert [f.verdict for f in before.findings if f.code == code] == [verdict]
    waiting = [code] if verdict is Verdict.REVIEW else []
    held = migrate(again)
    assert [f.code for f in held.remaining] == waiting
    assert [f.code for f in held.plan.held] == waiting
    done = migrate(again, is_offered)
    assert (done.remaining, done.plan.refused, done.plan.dropped) == ((), (), ())
    assert not [f for f in done.after.findings if f.open]


def test_embeddings_with_a_provider_of_their_own_stay_with_the_module_that_is_set_while_it_runs(tmp_path: Path) -> None:
    code = """
import openai
def connect():
    openai.api_key = "sk-notAKeyNotAKeyNotAKey0000"
def embed(text):
    return openai.Embedding.create(model="text-embedding-ada-002", input=text)["data"][0]["embedding"]
async def embed_later(text):
    return await openai.Embedding.acreate(model="text-embedding-ada-002", input=text)
async def answer(question):
    return await openai.ChatCompletion.acreate(model="gpt-4", messages=[])
"""
    cases.write(tmp_path, {"main.py": code.encode()})
    settings = Settings(tmp_path, profile=profiles.find("deepseek"), embeddings=profiles.find("qwen"))
    found = settings.analyse().findings
    assert [f.verdict for f in found if f.code == "LM113"] == [Verdict.MANUAL]
    moved = plan(settings.analyse(), settings.analyse).changes["main.py"].decode()
    assert "await embeddings_aclient.embeddings.create(" in moved
    assert "async def embeddings_async_provider_key():" in moved
