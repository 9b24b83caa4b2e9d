"""Requests made by hand: what is known of each, from whatever form it has."""

from __future__ import annotations

from pathlib import Path

import pytest

from llm_codemods import openai_api, profile
from llm_codemods.project import link
from llm_codemods.sites import ClientSite, Flow, ModelSite, Points, RequestSite, ResponseSite, UrlSite, find
from llm_codemods.sites.kinds import Site
from llm_codemods.source import Source
from llm_codemods.target import Target, aim
from llm_codemods.walk import read
from llm_migrate.settings import Settings

HOST = "https://api.openai.com"
CHAT = f"{HOST}/v1/chat/completions"
IMPORTS = (
    "import aiohttp, http.client, httpx, json, os, requests, urllib.request, urllib3, websockets\n"
    "from urllib.parse import urljoin\n"
)
BODY = "{'model': 'gpt-4', 'n': 2, 'messages': []}"


def every(files: dict[str, str]) -> list[Site]:
    project = link([read(Source(path, text)) for path, text in files.items()])
    return [site for those in find(project).values() for site in those]


def requests_in(code: str, **more: str) -> list[RequestSite]:
    found = every({"main.py": IMPORTS + code} | {f"{name}.py": text for name, text in more.items()})
    return [site for site in found if isinstance(site, RequestSite)]


def only(code: str, **more: str) -> RequestSite:
    found = requests_in(code, **more)
    assert len(found) == 1, found
    return found[0]


SENDING = {
    "function": f"requests.post('{CHAT}', json={BODY})",
    "any method": f"requests.request('POST', '{CHAT}', json={BODY})",
    "method by name": f"requests.request(method='post', url='{CHAT}', json={BODY})",
    "imported function": f"from requests import post\npost('{CHAT}', json={BODY})",
    "session": f"requests.Session().post('{CHAT}', json={BODY})",
    "session entered": f"with requests.Session() as s:\n    s.post('{CHAT}', json={BODY})",
    "session of another function": f"def s():\n    return requests.Session()\ns().post('{CHAT}', json={BODY})",
    "annotated session": f"def f(s: httpx.AsyncClient):\n    s.post('{CHAT}', json={BODY})",
    "session that nobody knows": f"def f(s):\n    s.post('{CHAT}', json={BODY})",
    "stream": f"with httpx.stream('POST', '{CHAT}', json={BODY}) as r:\n    pass",
    "prepared": f"httpx.Request('POST', '{CHAT}', json={BODY})",
    "base of the session": f"httpx.Client(base_url='{HOST}/v1').post('/chat/completions', json={BODY})",
    "aiohttp": "async def f():\n    async with aiohttp.ClientSession() as s:\n"
    f"        async with s.post('{CHAT}', json={BODY}) as r:\n            pass",
    "urllib": f"r = urllib.request.Request('{CHAT}', data=json.dumps({BODY}).encode())\nurllib.request.urlopen(r)",
    "urlopen": f"urllib.request.urlopen('{CHAT}', json.dumps({BODY}).encode('utf-8'))",
    "urllib3": f"urllib3.PoolManager().request('POST', '{CHAT}', body=json.dumps({BODY}))",
    "http.client": "c = http.client.HTTPSConnection('api.openai.com')\n"
    f"c.request('POST', '/v1/chat/completions', json.dumps({BODY}), {{}})",
    "body in a variable": f"body = json.dumps({BODY})\nrequests.post('{CHAT}', data=body)",
    "body written as JSON": f"requests.post('{CHAT}', data='''{BODY.replace(chr(39), chr(34))}''')",
    "keywords unpacked": f"options = {{'json': {BODY}}}\nrequests.post('{CHAT}', **options)",
    "helper": f"def post(url, body):\n    requests.post(url, json=body)\npost('{CHAT}', {BODY})",
    "constant": f"URL = '{CHAT}'\nrequests.post(URL, json={BODY})",
    "attribute": f"class A:\n    url = '{CHAT}'\n    def f(self):\n        requests.post(self.url, json={BODY})",
    "f-string": f"BASE = '{HOST}'\nrequests.post(f'{{BASE}}/v1/chat/completions', json={BODY})",
    "sum": f"BASE = '{HOST}/v1'\nPATH = '/chat/completions'\nrequests.post(BASE + PATH, json={BODY})",
    "format": f"requests.post('{{}}/v1/{{path}}'.format('{HOST}', path='chat/completions'), json={BODY})",
    "urljoin": f"requests.post(urljoin('{HOST}/v1/', 'chat/completions'), json={BODY})",
    "stripped": f"BASE = '{HOST}/v1/'\nrequests.post(BASE.rstrip('/') + '/chat/completions', json={BODY})",
    "URL object": f"httpx.post(httpx.URL('{CHAT}'), json={BODY})",
    "default": f"BASE = os.getenv('BASE', '{HOST}/v1')\nrequests.post(f'{{BASE}}/chat/completions', json={BODY})",
    "query": f"requests.post('{CHAT}?a=b', json={BODY})",
}


@pytest.mark.parametrize("code", SENDING.values(), ids=SENDING)
def test_every_form_of_a_request_is_read(code: str) -> None:
    site = only(code)
    assert (site.method, site.endpoint, site.points) == ("POST", "chat.completions.create", Points.OPENAI)
    assert site.host is None
    assert site.models == ("gpt-4",)
    assert site.given.keys() == {"model", "n", "messages"}
    assert [c.literal.value for c in site.given["n"].constants] == [2]
    assert not site.opaque


@pytest.mark.parametrize(
    "code",
    [
        "requests.post('https://example.org/v1/chat/completions/news')",
        f"requests.post('https://api.openai.community/v1/chat/completions', json={BODY.replace('gpt-4', 'x')})",
        f"requests_mock.post('{CHAT}', json={{'id': 1}})",
        f"import respx\nrespx.post('{CHAT}').respond(200)",
        f"def test(httpx_mock):\n    httpx_mock.post('{CHAT}')",
        "def f(options):\n    options.get('chat/completions')",
        f"print('{CHAT}')",
        f"def f(url):\n    requests.post(url, json={BODY})",
        "def f(base):\n    requests.get(f'{base}/models')",
        "from fastapi import FastAPI\napp = FastAPI()\n@app.post('/v1/chat/completions')\ndef f(body):\n    pass",
    ],
)
def test_what_is_no_request_to_openai(code: str) -> None:
    assert not [site for site in requests_in(code) if site.points not in (Points.ELSEWHERE,)]


@pytest.mark.parametrize(
    ("url", "points", "host"),
    [
        ("https://eu.api.openai.com/v1/chat/completions", Points.OPENAI, None),
        (
            "https://x.openai.azure.com/openai/deployments/d/chat/completions?api-version=2024-06-01",
            Points.AZURE,
            None,
        ),
        ("https://api.chatanywhere.tech/v1/chat/completions", Points.OPENAI, "api.chatanywhere.tech"),
        ("https://openai.api2d.net/v1/chat/completions", Points.OPENAI, "openai.api2d.net"),
        ("https://some.where.cn/v1/chat/completions", Points.RELAY, "some.where.cn"),
        ("http://localhost:8000/v1/chat/completions", Points.ELSEWHERE, "localhost"),
        ("http://10.0.0.7:3000/v1/chat/completions", Points.ELSEWHERE, "10.0.0.7"),
        ("http://one-api/v1/chat/completions", Points.ELSEWHERE, "one-api"),
        ("https://llm.example.com/v1/chat/completions", Points.ELSEWHERE, "llm.example.com"),
    ],
)
def test_where_a_request_goes(url: str, points: Points, host: str | None) -> None:
    site = only(f"requests.post('{url}', json={BODY})")
    assert (site.points, site.host, site.endpoint) == (points, host, "chat.completions.create")


def test_a_provider_that_has_a_profile_is_no_relay() -> None:
    for glob, id in profile.origins():
        host = glob.replace("*", "x")
        assert profile.origin(host) == id
        site = only(f"requests.post('https://{host}/v1/chat/completions', json={BODY})")
        assert (site.points is Points.ELSEWHERE) == (id != "openai")


def test_a_host_that_is_asked_for_other_models_is_no_relay() -> None:
    site = only("requests.post('https://some.where.cn/v1/chat/completions', json={'model': 'x', 'messages': []})")
    assert site.points is Points.ELSEWHERE


def test_the_endpoint_comes_from_the_end_of_the_path() -> None:
    for path, verbs in openai_api.PATHS.items():
        for verb, api in verbs.items():
            assert openai_api.is_method(api) or api in ("chat.completions.list", "realtime.connect"), api
            assert only(f"requests.request('{verb}', '{HOST}/v1/{path}')").endpoint == api
    assert openai_api.path_in(f"{HOST}/v1/my-completions") is None


@pytest.mark.parametrize(
    ("headers", "variables", "literal"),
    [
        ("{'Authorization': f\"Bearer {os.environ['OPENAI_API_KEY']}\"}", ("OPENAI_API_KEY",), False),
        ("{'Authorization': 'Bearer ' + os.getenv('KEY')}", ("KEY",), False),
        ("{'Authorization': 'Bearer {}'.format(os.getenv('KEY'))}", ("KEY",), False),
        ("{'api-key': os.environ.get('AZURE_KEY')}", ("AZURE_KEY",), False),
        ("{'Authorization': 'Bearer sk-1'}", (), True),
        ("{'X': 'y'}", (), False),
    ],
)
def test_the_key(headers: str, variables: tuple[str, ...], literal: bool) -> None:
    site = only(f"requests.post('{CHAT}', headers={headers}, json={BODY})")
    assert (site.key_variables, site.key_literal) == (variables, literal)


def test_the_key_of_the_session() -> None:
    code = "h = {'Authorization': f\"Bearer {os.environ['KEY']}\"}\nwith httpx.Client(headers=h) as c:\n"
    assert only(f"{code}    c.post('{CHAT}')").key_variables == ("KEY",)


def test_a_helper_in_another_file() -> None:
    helper = (
        "import requests\nfrom settings import BASE\n\n"
        "def ask(path, body):\n    return requests.post(BASE + path, json=body)\n"
    )
    settings = f"BASE = '{HOST}/v1'\n"
    site = only(f"from api import ask\nask('/chat/completions', {BODY})", api=helper, settings=settings)
    assert (site.path, site.models, site.url) == ("api.py", ("gpt-4",), CHAT)


def test_a_file_that_names_nothing_of_openais_is_read_for_its_requests(tmp_path: Path) -> None:
    (tmp_path / "config.py").write_text(f"URL = '{CHAT}'\n")
    (tmp_path / "send.py").write_text(
        "import requests\nfrom config import URL\n\ndef send(body):\n    return requests.post(URL, json=body)\n"
    )
    (tmp_path / "other.py").write_text("from config import URL\n\nprint(URL)\n")
    found = Settings(tmp_path).analyse()
    assert [type(site) for site in found.sites["send.py"]] == [RequestSite]
    assert "other.py" not in found.sites


def test_a_scan_says_what_a_request_sends(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(f"import requests\nrequests.post('{CHAT}', json={BODY})\n")
    (request,) = Settings(tmp_path).analyse(requests=True).requests.values()
    assert (request.models, request.parameters["n"], request.unknown) == (("gpt-4",), 2, False)


def test_what_is_not_known_of_a_url_has_a_name() -> None:
    code = "def f(base):\n    requests.post(f\"{os.environ['OPENAI_BASE_URL']}/{base}/chat/completions\")"
    site = only(code)
    assert (site.url, site.points) == ("{OPENAI_BASE_URL}/{base}/chat/completions", Points.OPENAI)


def test_a_url_knows_its_requests_and_a_model_its_fate() -> None:
    sites = every({"a.py": f"import requests\nURL = '{CHAT}'\nrequests.post(URL, json={BODY})\nMODEL = 'gpt-4o'\n"})
    urls = [site for site in sites if isinstance(site, UrlSite)]
    assert [(site.url, [r.method for r in site.requests]) for site in urls] == [(CHAT, ["POST"])]
    flows = {site.name: site.flow for site in sites if isinstance(site, ModelSite)}
    assert flows == {"gpt-4": Flow.BY_HAND, "gpt-4o": Flow.LIKELY}


def test_a_request_whose_model_is_not_known_may_take_any() -> None:
    code = f"import requests\nMODEL = 'gpt-4o'\ndef f(body):\n    requests.post('{CHAT}', json=body)\n"
    assert [s.flow for s in every({"a.py": code}) if isinstance(s, ModelSite)] == [Flow.MENTIONED]


def test_a_model_for_a_client_and_a_request_is_left_to_a_person() -> None:
    code = (
        "import requests\nfrom openai import OpenAI\nMODEL = 'gpt-4'\n"
        f"requests.post('{CHAT}', json={{'model': MODEL}})\n"
        "OpenAI().chat.completions.create(model=MODEL, messages=[])\n"
    )
    assert [s.flow for s in every({"a.py": code}) if isinstance(s, ModelSite)] == [Flow.LIKELY]


@pytest.mark.parametrize(
    ("url", "model", "points"),
    [
        ("'https://api.chatanywhere.tech/v1'", "gpt-4", Points.OPENAI),
        ("'https://some.where.cn/v1'", "gpt-4", Points.RELAY),
        ("'https://some.where.cn/v1'", "other", Points.ELSEWHERE),
        ("'http://localhost:1234/v1'", "gpt-4", Points.ELSEWHERE),
        ("os.environ['OPENAI_BASE_URL'] + '/v1'", "gpt-4", Points.OPENAI),
        ("f\"{os.environ['MINE']}/v1\"", "gpt-4", Points.UNKNOWN),
        ("HOST + '/v1'", "gpt-4", Points.OPENAI),
    ],
)
def test_where_a_client_points_by_host_and_model(url: str, model: str, points: Points) -> None:
    code = (
        f"import os\nfrom openai import OpenAI\nHOST = '{HOST}'\nc = OpenAI(base_url={url}, api_key='x')\n"
        f"c.chat.completions.create(model='{model}', messages=[])\n"
    )
    assert [site.points for site in every({"a.py": code}) if isinstance(site, ClientSite)] == [points]


def test_a_relay_that_sells_more_says_what() -> None:
    code = (
        "from openai import OpenAI\nc = OpenAI(base_url='https://aihubmix.com/v1', api_key='x')\n"
        "c.chat.completions.create(model='gpt-4', messages=[])\nc.chat.completions.create(model='other', messages=[])\n"
    )
    assert [s.sells for s in every({"a.py": code}) if isinstance(s, ClientSite)] == [("other",)]


def test_what_a_relay_answers_is_followed() -> None:
    code = (
        "from openai import OpenAI\nc = OpenAI(base_url='https://some.where.cn/v1', api_key='x')\n"
        "r = c.chat.completions.create(model='gpt-4', messages=[])\nprint(r['choices'])\n"
    )
    assert [s.points for s in every({"a.py": code}) if isinstance(s, ResponseSite)] == [Points.RELAY]


QWEN = aim(profile.find("qwen"))
ZHIPU = aim(profile.find("zhipu"))
KEYED = "H = {'Authorization': 'Bearer ' + os.environ['OPENAI_API_KEY']}\n"


@pytest.mark.parametrize(
    ("code", "what"),
    [
        (f"requests.post('{CHAT}', json={BODY}, headers=H)", None),
        (f"requests.get('{HOST}/v1/models', headers=H)", None),
        (f"requests.post('{CHAT}', json={BODY})", "key"),
        (
            f"def f(key):\n    requests.post('{CHAT}', json={BODY}, headers={{'Authorization': f'Bearer {{key}}'}})",
            "key",
        ),
        (f"def f(body):\n    requests.post('{CHAT}', json=body, headers=H)", "model"),
        (f"requests.post('{CHAT}', json={{'messages': []}}, headers=H)", "model"),
        (f"def f(model):\n    requests.post('{CHAT}', json={{'model': model}}, headers=H)", "model"),
        (f"def f(u):\n    requests.post(u or '{CHAT}', json={BODY}, headers=H)", "url"),
        (f"requests.post('https://a.openai.azure.com/openai/chat/completions', json={BODY}, headers=H)", "url"),
        (f"requests.post('https://some.where.cn/v1/chat/completions', json={BODY}, headers=H)", "url"),
    ],
)
def test_what_cannot_be_seen_of_a_request(code: str, what: str | None) -> None:
    site = only(KEYED + code)
    assert site.unseen == what
    assert site.group.goes(QWEN) == (what is None)


@pytest.mark.parametrize(
    ("url", "target", "right"),
    [
        (f"'{CHAT}'", QWEN, True),
        (f"'{CHAT}?a=b'", QWEN, True),
        (f"'{HOST}' + '/v1/chat/completions'", ZHIPU, True),
        (f"urljoin('{HOST}', '/v1/chat/completions')", ZHIPU, True),
        (f"urljoin('{HOST}/v1/', 'chat/completions')", ZHIPU, True),
        (f"'{HOST}/v2/chat/completions'", QWEN, False),
        (f"'{HOST}/v1/moderations'", QWEN, False),
    ],
)
def test_where_a_url_goes_at_the_target(url: str, target: Target, right: bool) -> None:
    site = only(f"{KEYED}requests.post({url}, json={BODY}, headers=H)")
    heads = site.relocated(target)
    assert (heads is not None) == right
    if heads is not None:
        changed = site.address.changed({id(h.constant.literal): (h.old, h.new) for h in heads})
        assert changed.partition("?")[0] == f"{target.base_url}/chat/completions"


def test_requests_that_share_something_move_together() -> None:
    alone = f"requests.get('{HOST}/v1/models', headers={{'Authorization': 'Bearer ' + os.environ['OPENAI_API_KEY']}})\n"
    shared = f"requests.get('{HOST}/v1/models', headers=H)\nrequests.post('{HOST}/v1/threads', headers=H)\n"
    found = requests_in(KEYED + shared + alone)
    assert [len(site.group.requests) for site in found] == [2, 2, 1]
    assert [site.group.goes(QWEN) for site in found] == [False, False, True]


def test_a_key_that_a_client_keeps_stays() -> None:
    client = "import openai\nopenai.OpenAI(base_url='http://localhost:1/v1', api_key=K)\n"
    asks = f"requests.get('{HOST}/v1/models', headers={{'Authorization': 'Bearer ' + K}})"
    assert only(f"K = os.environ['OPENAI_API_KEY']\n{client}{asks}").endangered
