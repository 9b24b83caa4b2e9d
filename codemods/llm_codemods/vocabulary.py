"""What OpenAI's things are called: models, variables, keys, hosts of wrappers; and who reads them."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

MODEL = re.compile(
    r"(ft:)?("
    r"gpt-[3-9][\w.:-]*|gpt[34](o|\.5)?(-?(16k|32k|base|mini|turbo|vision))*|gpt-35[\w.-]*|gpt-(image|audio|realtime|oss)[\w.:-]*|chatgpt-[\w.-]+-latest"
    r"|o[134](-mini|-pro|-preview|-deep-research)*(-\d{4}-\d\d-\d\d)?"
    r"|text-(davinci|chat-davinci|curie|babbage|ada|moderation|similarity|search)(-[\w.-]+)?|text-embedding(-(3|ada)[\w.-]*)?"
    r"|code-(davinci|cushman|search)-[\w.-]+|davinci(-002)?|curie|babbage(-002)?|ada(-002)?"
    r"|dall-e-[\w.-]+|whisper-1|tts-1[\w-]*|omni-moderation-[\w-]+|codex-[\w.-]+|sora-[\w.-]+|computer-use-[\w.-]+)"
)
"""Names of OpenAI's models. Bare family names (``ada``) count only where a model is meant."""
PREFIXED = re.compile(rf"([\w.-]+/)*(openai|azure|text-completion-openai)[\w-]*[/:](?P<bare>{MODEL.pattern})")
"""The same, with the prefix by which libraries for many providers know whose they are: ``openai/gpt-4o``."""
BEGINNING = re.compile(r"(ft:)?(gpt|chatgpt|o[134]|text-embedding|dall-e|whisper|tts)-[\w.:-]*")
"""What a name of OpenAI's models begins with, where the rest is put behind it."""
OTHERS_MODEL = re.compile(
    r"(claude|command-r|gemini|gemma|llama-?\d|mistral|mixtral)[\w.:-]*|[^<>{}]*/.*"
    r"|(alpaca|dolly|falcon|internlm|koala|mpt|vicuna|wizardlm)\d*-[\w.:-]*",
    re.IGNORECASE,
)
"""Names that no deployment at Azure's OpenAI has: models of others, and names with the house before them."""
ABOUT_MODELS = re.compile(r"model|engine|deployment", re.IGNORECASE)
"""Names of what holds the name of a model."""
FAMILIES = (frozenset({"davinci", "curie", "babbage", "ada"}), frozenset({"o1", "o3", "o4"}))
"""Names of models that are also words, or anything; where several stand together, models are meant."""
WORDS = frozenset().union(*FAMILIES)
VARIABLE = re.compile(r"(?:AZURE_)?OPENAI_[A-Z0-9_]+|OPEN_AI_[A-Z0-9_]+")
KEY_VARIABLE = re.compile(r"(AZURE_)?OPEN_?AI(_API)?_KEY")
KEY_MENTIONED = re.compile(rf"(?<![A-Za-z0-9_]){KEY_VARIABLE.pattern}(?![A-Za-z0-9_])")
SETTING_VARIABLE = re.compile(
    r"\w*OPEN_?AI_\w*(KEY|ORG|PROJECT|API_TYPE|API_VERSION|API_BASE|URL|HOST|ENDPOINT|PROXY|AD_TOKEN|HEADERS|DEPLOYMENT)\w*"
)
"""Variables whose value means something to OpenAI or Azure only; others, such as a time limit, are good everywhere."""
URL_VARIABLE = re.compile(r"(AZURE_)?OPENAI_(BASE_URL|API_BASE|API_BASE_URL|API_HOST|ENDPOINT)")
SECRET = re.compile(r"(?<![A-Za-z0-9_-])sk-(proj-|svcacct-|admin-)?[A-Za-z0-9_-]{16,}")
NO_KEY = re.compile(
    r"empty|ollama|lm[-_ ]?studio|(?:sk-)?(?:none|no[-_ ]?key|(?:no[-_ ]key|not)[-_ ](?:needed|required|used))",
    re.IGNORECASE,
)
"""What is written for the key of a server that asks for none, as the manuals of such servers have it."""
FRAMEWORKS = frozenset(
    {
        *("agents", "agno", "autogen", "autogen_ext", "browser_use", "camel", "crewai", "deepeval", "dspy"),
        *("guidance", "haystack", "instructor", "langchain", "langchain_classic", "langchain_community"),
        *("langchain_openai", "lightrag", "litellm", "llama_index", "mem0", "metagpt", "phi", "pydantic_ai", "ragas"),
        *("semantic_kernel", "smolagents", "trulens", "trulens_eval"),
    }
)
"""Packages that read OpenAI's variables by themselves."""
BESIDES = frozenset(
    {"chromadb", "dsp", "langchain_core", "langchain_litellm", "langchain_text_splitters", "langgraph", "tiktoken"}
)
"""Further packages that the table of frameworks speaks of."""
MARK = "llm-migrate:"
"""What begins a comment of the user that silences findings."""
MODEL_ARGUMENTS = ("model", "engine", "deployment_id")
OPENAIS_OWN = ("organization", "project", "admin_api_key", "data_residency", "provider", "workload_identity")
"""Arguments of a client that mean something to OpenAI only."""
ENDPOINTS = ("api_base", "base_url", "azure_endpoint")
OPENAIS_KEY = re.compile(r"sk-(proj|svcacct|admin)-")
"""Keys that nobody but OpenAI gives out."""


ENDPOINT = "https://api.openai.com/v1"
"""Where a client points that is told nothing else."""
OPENAI_HOST = re.compile(r"((?<![\w-])api\.openai\.com|\.openai\.azure\.(?:com|cn|us))(?![\w-]|\.\w)", re.ASCII)
RELAYS = (
    *("aihubmix.com", "chatanywhere.com.cn", "chatanywhere.org", "chatanywhere.tech", "api.closeai-asia.com"),
    *("api.gptsapi.net", "openai.api2d.net", "api.openai-asia.com", "api.openai-proxy.com", "api.openai-proxy.org"),
    "api.openai-sb.com",
)
"""Hosts, with all below them, that pass requests on to OpenAI (gotcha G32); there are many more."""
RELAY_HOST = re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, RELAYS))})(?![\w-]|\.\w)")
URL = re.compile(
    r"(?<![\w.{}-])(?:(?:https?|wss?)://)?[\w.{}-]*(?:api\.openai\.com|\.openai\.azure\.(?:com|cn|us))[^\s\"'`<>\\\x7f-\U0010ffff]*"
    r"(?<![,.;])",
    re.ASCII,
)
"""A URL of OpenAI among other words, which may be Chinese and stand right beside it."""
OPENAIS_MODELS = re.compile(r"gpt-[345]|chatgpt-|o[134]-|text-embedding-(3|ada)|dall-e|whisper-1")
"""What the names begin with that a host which is not OpenAI's has no reason to know."""
OWN_HOST = re.compile(
    r"localhost|(0|10|127)\.[\d.]+|192\.168\.[\d.]+|172\.(1[6-9]|2\d|3[01])\.[\d.]+|[^.]*|::1"
    r"|(.*\.)?(example(\.(com|net|org))?|host\.docker\.internal)|.*\.(example|internal|invalid|lan|local|localhost|test)"
)
"""Hosts of a machine or network of one's own, and those that stand for any host."""


def is_openais(host: str) -> bool:
    """Whether a host, or a URL, is OpenAI's, or that of a relay which is known to pass everything on to OpenAI."""
    return OPENAI_HOST.search(host) is not None or is_relay(host)


def is_relay(host: str) -> bool:
    """Whether a host, or a URL, is that of a relay which is known to pass everything on to OpenAI."""
    return RELAY_HOST.search(host) is not None


TESTS = re.compile(r"(?:^|/)(?:tests?/|(?:test_[^/]*|[^/]*_test|conftest)\.py$)")
"""The paths of tests, which set what they need for themselves alone."""


def host_of(url: str) -> str | None:
    """Return the host of a URL, or None if the text is none, or stands for one that is yet to be filled in."""
    try:
        host = urlsplit(url).hostname if "://" in url else None
    except ValueError:
        return None
    return host if host is not None and any(map(str.isalnum, host)) else None


def is_blank(url: str) -> bool:
    """Whether a URL is yet to be filled in: ``""``, ``"https://..."``."""
    return not any(map(str.isalnum, url.partition("://")[2] if "://" in url else url))


FIRST = {"langchain": "0.0.332", "llama-index": "0.8.63.post1"}
"""Packages whose releases before these call the SDK as it was before 1.0. Source: the releases around them on PyPI,
2026-11-22."""
