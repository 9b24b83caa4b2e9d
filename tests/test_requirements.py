"""What code needs from an endpoint, from small sources; and what of it cannot be seen."""

from __future__ import annotations

from dataclasses import replace

import pytest

from llm_codemods.call_shape import Why
from llm_codemods.profile import find as find_profile
from llm_codemods.project import link
from llm_codemods.request import Scalar
from llm_codemods.requirements import ALWAYS, Location, Needs, Requirement, SiteNeeds, derive
from llm_codemods.sites import Site, find
from llm_codemods.source import Source
from llm_codemods.target import Target, aim
from llm_codemods.walk import read

CLIENT = "import os\nfrom openai import OpenAI\nclient = OpenAI()\n"
TARGET = aim(find_profile("qwen"))


def needs(code: str, target: Target = TARGET, **files: str) -> Needs:
    """Return what a module, and others beside it, need."""
    sources = {"a.py": code, **{f"{name}.py": text for name, text in files.items()}}
    found = find(link([read(Source(path, text)) for path, text in sources.items()]))

    def location(site: Site) -> Location:
        return Location(site.path, sources[site.path].count("\n", 0, site.span.start) + 1)

    return derive((site for path in sorted(found) for site in found[path]), target, location)


def chat(arguments: str, before: str = "") -> SiteNeeds:
    """Return the one site of a module that calls chat completions."""
    (site,) = needs(f"{CLIENT}{before}\nclient.chat.completions.create({arguments})\n").sites
    return site


def features(site: SiteNeeds) -> dict[str, Scalar]:
    """Return the features that a site needs, but those that every chat call does, with their values."""
    common = ("chat", "model", "request")
    return {need.feature: need.value for need in site.needs if need.feature not in common}


MODEL = 'model="gpt-4o-mini"'


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("", {}),
        ('messages=[{"role": "system", "content": "a"}, {"role": "user", "content": "b"}]', {"role": "system"}),
        ('messages=[{"role": "developer", "content": "a"}]', {"role": "developer"}),
        ('messages=[{"role": "user", "content": [{"type": "text", "text": "a"}]}]', {"content-parts": None}),
        (
            'messages=[{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "u"}}]}]',
            {"vision": None},
        ),
        (
            'messages=[{"role": "assistant", "content": None}, {"role": "tool", "content": "x"}]',
            {"null-content": None, "role": "tool", "tool-loop": None},
        ),
        ("stream=True", {"stream": None}),
        ('stream=True, stream_options={"include_usage": True}', {"stream": None, "stream-usage": None}),
        ("stream=False", {}),
        ("tools=[T]", {"tools": None}),
        ("tools=[]", {}),
        ("tools=[T], stream=True", {"tools": None, "stream": None, "tools-stream": None}),
        ('tools=[T], tool_choice="required"', {"tools": None, "required-tool": None}),
        ('tools=[T], tool_choice="none"', {"tools": None, "no-tool": None}),
        ('tools=[T], tool_choice="auto"', {"tools": None}),
        (
            'tools=[T], tool_choice={"type": "function", "function": {"name": "t"}}',
            {"tools": None, "forced-tool": None},
        ),
        ("tools=[S]", {"tools": None, "strict-tools": None}),
        ("tools=[T], parallel_tool_calls=False", {"tools": None, "parallel-tools": False}),
        ('response_format={"type": "json_object"}', {"json-object": None}),
        ('response_format={"type": "json_schema", "json_schema": {}}', {"json-schema": None}),
        ("temperature=0.2", {"temperature": 0.2}),
        ("max_tokens=50, n=2, seed=7", {"max_tokens": 50, "n": 2, "seed": 7}),
        ('stop="my secret word"', {"stop": None}),
        ('stop=["one", "two"]', {"stop": 2}),
        ('user="somebody"', {"user": "llm-migrate"}),
        ("logprobs=True, top_logprobs=3", {"logprobs": None, "top_logprobs": 3}),
        ("logprobs=False", {}),
        ("seed=None", {}),
        ('reasoning_effort="low"', {"reasoning_effort": "low"}),
        ('extra_body={"enable_thinking": False}', {"thinking-off": None}),
        ('extra_body={"enable_thinking": True}', {"thinking": None}),
        ("timeout=3, extra_headers={}", {}),
    ],
)
def test_what_a_call_needs(arguments: str, expected: dict[str, Scalar]) -> None:
    tool = 'T = {"type": "function", "function": {"name": "t"}}\nS = {"type": "function", "function": {"strict": True}}'
    assert features(chat(f"{MODEL}, {arguments}", tool)) == expected


def test_every_chat_call_needs_its_model_and_its_own_shape() -> None:
    site = chat(f"{MODEL}, temperature=1, max_tokens=5")
    (shape,) = site.shapes
    assert shape.model == "qwen-flash"
    assert dict(shape.parameters) == {"temperature": 1, "max_tokens": 5}
    assert Requirement("request", "qwen-flash", shape=shape) in site.needs
    assert Requirement("model", "qwen-flash") in site.needs


def test_no_text_of_the_user_is_kept() -> None:
    secret = "the harbour is closed"
    site = chat(
        f'{MODEL}, user="{secret}", stop=["{secret}"], metadata={{"a": "{secret}"}}, '
        f'extra_body={{"b": "{secret}"}}, messages=[{{"role": "user", "content": "{secret}"}}]'
    )
    assert "harbour" not in repr(site)


def test_equal_needs_are_one_with_all_their_places() -> None:
    call = f"client.chat.completions.create({MODEL}, temperature=0.5)\n"
    found = needs(CLIENT + call + call, b="from a import client\n" + call.replace("0.5", "0.7"))
    temperatures = {need.value: need.locations for need in found.requirements if need.feature == "temperature"}
    assert temperatures == {0.5: (Location("a.py", 4), Location("a.py", 5)), 0.7: (Location("b.py", 2),)}
    requests = [need for need in found.requirements if need.feature == "request"]
    assert [len(need.locations) for need in requests] == [2, 1]
    assert tuple(need.feature for need in found.requirements if need.locations == ()) == ALWAYS
    assert found.sites[0].needs == found.sites[1].needs


def test_each_model_is_asked_for_what_the_call_needs() -> None:
    site = chat("model=name, stream=True", 'name = "gpt-4o-mini" if fast else "gpt-4o"')
    assert [shape.model for shape in site.shapes] == ["qwen-flash", "qwen-plus"]
    assert {need.model for need in site.needs if need.feature == "stream"} == {"qwen-flash", "qwen-plus"}


def test_each_value_that_is_seen_is_asked_for() -> None:
    site = chat(f"{MODEL}, temperature=0.1 if x else 0.9")
    assert {need.value for need in site.needs if need.feature == "temperature"} == {0.1, 0.9}
    assert site.unseen == ()


@pytest.mark.parametrize(
    ("arguments", "name", "why", "settled"),
    [
        ("temperature=unknown()", "temperature", Why.VARIABLE, True),
        ("stream=unknown()", "stream", Why.VARIABLE, True),
        ('max_tokens=int(os.environ["MOST"])', "max_tokens", Why.VARIABLE, True),
        ('service_tier=os.environ["TIER"]', "service_tier", Why.ENVIRONMENT, False),
        ('service_tier=os.getenv("TIER", "auto")', "service_tier", Why.ENVIRONMENT, True),
        ("verbosity=unknown()", "verbosity", Why.VARIABLE, False),
        ("metadata={}", "metadata", Why.STRUCTURE, False),
        ("messages=unknown()", "messages", Why.VARIABLE, True),
        ("**unknown()", "", Why.UNPACKED, False),
    ],
)
def test_what_cannot_be_seen_is_said(arguments: str, name: str, why: Why, settled: bool) -> None:
    (unseen,) = chat(f"{MODEL}, {arguments}").unseen
    assert (unseen.name, unseen.why, unseen.settled) == (name, why, settled)


def parts(*given: str) -> str:
    return f'messages=[{{"role": "user", "content": [{", ".join(given)}]}}]'


def picture(url: str) -> str:
    return f'{{"type": "image_url", "image_url": {{"url": {url}}}}}'


AUDIO = '{"type": "input_audio", "input_audio": {"data": coded, "format": "wav"}}'
FILE = '{"type": "file", "file": {"file_id": "f"}}'
WRITTEN = '{"type": "text", "text": "What is it?"}'


@pytest.mark.parametrize(
    ("given", "unseen"),
    [
        ([picture('"https://example.com/a.png"')], [("image_url", Why.FETCHED)]),
        ([picture('f"https://example.com/{name}.png"'), WRITTEN], [("image_url", Why.FETCHED)]),
        ([picture('"http://example.com/a.png"'), AUDIO], [("image_url", Why.FETCHED), ("input_audio", Why.PART)]),
        ([AUDIO, AUDIO, FILE], [("file", Why.PART), ("input_audio", Why.PART)]),
        ([picture('"data:image/png;base64,AAAA"')], []),
        ([picture('f"data:image/png;base64,{coded}"')], []),
        ([picture("unknown()")], []),
        ([WRITTEN], []),
    ],
)
def test_parts_that_no_probe_sends_stand_in_the_way(given: list[str], unseen: list[tuple[str, Why]]) -> None:
    site = chat(f"{MODEL}, {parts(*given)}")
    assert [(one.name, one.why, one.settled) for one in site.unseen] == [(*one, False) for one in unseen]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("temperature=unknown()", {("temperature", 0), ("temperature", 2)}),
        ("tools=[{}], tool_choice=unknown()", {("no-tool", None), ("required-tool", None), ("forced-tool", None)}),
        ("response_format=unknown()", {("json-object", None), ("json-schema", None)}),
        ("parallel_tool_calls=unknown()", {("parallel-tools", True), ("parallel-tools", False)}),
        ("seed=unknown()", set()),
    ],
)
def test_what_may_be_anything_is_asked_for_at_both_ends(arguments: str, expected: set[tuple[str, Scalar]]) -> None:
    site = chat(f"{MODEL}, {arguments}")
    assert {(need.feature, need.value) for need in site.may_need} == expected
    assert all(one.settled for one in site.unseen)


def test_what_the_target_calls_otherwise_is_as_free_as_before() -> None:
    code = f"{CLIENT}client.chat.completions.create({MODEL}, extra_body={{'user_id': unknown()}})\n"
    (site,) = needs(code, aim(find_profile("deepseek"))).sites
    assert [(one.name, one.settled) for one in site.unseen] == [("user_id", True)]
    assert dict(site.shapes[0].parameters).keys() == {"user_id"}
    (there,) = needs(code).sites
    assert [(one.name, one.settled) for one in there.unseen] == [("user_id", False)]


def test_a_model_that_cannot_be_seen_stands_in_the_way() -> None:
    (unseen,) = chat("model=unknown()").unseen
    assert (unseen.name, unseen.settled) == ("model", False)
    (unseen,) = chat('model=os.getenv("MODEL", "gpt-4o")').unseen
    assert (unseen.detail, unseen.settled) == ("MODEL", True)


def test_a_receiver_that_is_not_resolved_may_be_somebody_elses() -> None:
    (site,) = needs(f"import openai\ndef ask(llm):\n    llm.chat.completions.create({MODEL}, temperature=0)\n").sites
    assert site.needs == ()
    assert Requirement("temperature", "qwen-flash", value=0) in site.may_need
    assert [one.why for one in site.unseen] == [Why.RECEIVER]


def test_a_method_that_is_handed_on_is_seen_where_it_is_called() -> None:
    handed = f"{CLIENT}unknown(client.chat.completions.create)\n"
    assert [one.why for site in needs(handed).sites for one in site.unseen] == [Why.HANDED]
    called = f"{CLIENT}def run(create):\n    create({MODEL}, n=2)\nrun(client.chat.completions.create)\n"
    (site,) = needs(called).sites
    assert (site.location.line, features(site)) == (5, {"n": 2})


@pytest.mark.parametrize("body", ["create(*through, **options)", "create(n=min(n or 1, 4), **options)"])
def test_what_a_function_passes_on_is_seen_where_it_is_handed_the_method(body: str) -> None:
    client = f"{CLIENT[:-2]}base_url='{TARGET.base_url}', api_key=os.environ['DASHSCOPE_API_KEY'])\n"
    made = f"def often(create, *through, n=None, **options):\n    return {body}\n"
    code = f'{client}{made}often(client.chat.completions.create, model="qwen-plus", n=3, seed=7)\n'
    (site,) = needs(code).sites
    assert features(site) == {"seed": 7}
    assert (site.location.line, site.unseen) == (code.count("\n"), ())


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ('input="a"', {"embeddings-base64": 1536, "embeddings-dimensions": 1536}),
        ('input="a", encoding_format="float"', {"embeddings": 1536, "embeddings-dimensions": 1536}),
        ('input="a", dimensions=512', {"embeddings-base64": 512, "embeddings-dimensions": 512}),
        (
            'input=["a", "b", "c"]',
            {"embeddings-base64": 1536, "embeddings-dimensions": 1536, "embeddings-batch": 1536},
        ),
    ],
)
def test_embeddings(arguments: str, expected: dict[str, int]) -> None:
    (site,) = needs(f'{CLIENT}client.embeddings.create(model="text-embedding-3-small", {arguments})\n').sites
    assert {need.feature: need.dimensions for need in site.needs if need.feature != "model"} == expected
    assert all(need.value == 3 for need in site.needs if need.feature == "embeddings-batch")


def test_a_batch_is_as_long_as_the_pieces_it_is_cut_into() -> None:
    call = 'client.embeddings.create(model="text-embedding-3-small", input=rows[i:i+16])'
    code = f"for i in range(0, len(rows), 16):\n    {call}\n"
    (site,) = needs(f"{CLIENT}from other import rows\n{code}").sites
    assert [need.value for need in site.needs if need.feature == "embeddings-batch"] == [16]
    assert site.unseen == ()


@pytest.mark.parametrize(
    ("call", "value"),
    [
        ('images.generate(prompt="a cat")', "images"),
        ('audio.speech.create(input="a", voice="alloy")', "audio.speech"),
        ("audio.transcriptions.create(file=f)", "audio.transcriptions"),
        ('moderations.create(input="a")', "moderations"),
        ("files.list()", "files"),
        ("batches.create()", "batches"),
        ('responses.create(model="gpt-4o", input="a")', "responses"),
        ('completions.create(model="gpt-4o", prompt="a")', "completions"),
    ],
)
def test_other_endpoints_are_asked_for(call: str, value: str) -> None:
    (site,) = needs(f"{CLIENT}client.{call}\n").sites
    assert [(need.feature, need.value) for need in site.needs] == [("endpoint", value)]
    assert all(one.settled for one in site.unseen)


@pytest.mark.parametrize(
    ("call", "why"),
    [
        ("beta.assistants.list()", Why.ABSENT),
        ("fine_tuning.jobs.list()", Why.ABSENT),
        ("vector_stores.create()", Why.ENDPOINT),
    ],
)
def test_an_endpoint_that_no_probe_asks_is_not_passed_over(call: str, why: Why) -> None:
    (site,) = needs(f"{CLIENT}client.{call}\n").sites
    assert (site.needs, [one.why for one in site.unseen]) == ((), [why])


def test_requests_made_by_hand() -> None:
    code = (
        "import requests\n"
        'requests.post("https://api.openai.com/v1/chat/completions", headers={"Authorization": "Bearer x"},\n'
        '    json={"model": "gpt-4o-mini", "messages": [{"role": "system", "content": "a"}], "temperature": 0.3})\n'
    )
    (site,) = needs(code).sites
    assert (site.kind, features(site)) == ("request", {"role": "system", "temperature": 0.3})


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (
            'from langchain_openai import ChatOpenAI\nChatOpenAI(model="gpt-4o-mini", temperature=0, streaming=True)',
            {"temperature": 0, "stream": None},
        ),
        (
            "from langchain_openai import ChatOpenAI\n"
            'ChatOpenAI(model="gpt-4o-mini", model_kwargs={"seed": 3}, extra_body={"enable_thinking": False})',
            {"seed": 3, "thinking-off": None},
        ),
        (
            'from llama_index.llms.openai import OpenAI\nOpenAI("gpt-4o-mini", temperature=0.1)',
            {"temperature": 0.1},
        ),
        (
            'import litellm\nlitellm.completion(model="openai/gpt-4o-mini", messages=m, top_p=0.5)',
            {"top_p": 0.5},
        ),
    ],
)
def test_frameworks(code: str, expected: dict[str, Scalar]) -> None:
    (site,) = needs(code).sites
    assert (site.kind, features(site)) == ("framework", expected)
    assert {need.model for need in site.needs} == {"qwen-flash"}


def test_embeddings_of_a_framework_come_in_its_batches() -> None:
    code = (
        'from langchain_openai import OpenAIEmbeddings\nOpenAIEmbeddings(model="text-embedding-3-small", chunk_size=64)'
    )
    (site,) = needs(code).sites
    assert [need.value for need in site.needs if need.feature == "embeddings-batch"] == [64]


def test_a_call_to_somebody_else_needs_nothing() -> None:
    code = 'from openai import OpenAI\nc = OpenAI(base_url="https://api.deepseek.com")\nc.chat.completions.create(model="deepseek-chat")\n'
    assert not needs(code)
    home = replace(TARGET, region=replace(TARGET.region, base_url="https://api.deepseek.com"))
    (site,) = needs(code, home).sites
    assert {need.model for need in site.needs} == {"deepseek-chat"}
