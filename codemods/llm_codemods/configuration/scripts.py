"""PowerShell, Bicep and Terraform: uses of OpenAI are listed; nothing is rewritten.

No parser is needed: comments are told from strings, and what is looked for says by itself what it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from llm_codemods.configuration import tokens
from llm_codemods.configuration.forms import Form
from llm_codemods.configuration.sites import KeyEntrySite, ScriptSite
from llm_codemods.edits import Span
from llm_codemods.sites.kinds import Site
from llm_codemods.vocabulary import WORDS

_PARTS = {
    Form.POWERSHELL: r"""(?P<comment><\#.*?\#>|(?<![^\s;(){}|])\#[^\n]*)|@(?P<here>['"]).*?\n(?P=here)@"""
    r"""|'[^'\n]*'|"(?:[^"`\n]|`.)*\"""",
    Form.BICEP: r"""(?P<comment>//[^\n]*|/\*.*?\*/)|'''.*?'''|'(?:[^'\\\n]|\\.)*'""",
    Form.TERRAFORM: r"""(?P<comment>(?:\#|//)[^\n]*|/\*.*?\*/)|"(?:[^"\\\n]|\\.)*\"""",
}
"""Comments and strings of each: a sign of one means nothing inside the other."""
_OWN = re.compile(r"[$.]\{?$")
"""What stands before a variable of the script's own."""
_SET = re.compile(r"[ \t]*[:=]|[\"']")
"""What follows one of the environment in a description of what is to be; there ``output`` may stand before it."""
_MODEL = re.compile(r"""(?P<quote>["'])(?P<model>[\w./:-]{2,80})(?P=quote)""")


def sites(path: str, text: str, form: Form) -> Iterator[Site]:
    """Yield the variables, URLs, models and keys of a script."""
    code = re.sub(_PARTS[form], _uncommented, text, flags=re.DOTALL)
    for at, until, name, kind in sorted(set(_uses(code, form))):
        yield ScriptSite(path, Span(at, until), name, kind, form.value)
    for at, until in tokens.keys_in(text):
        yield KeyEntrySite(path, Span(at, until), form)


def _uncommented(part: re.Match[str]) -> str:
    return " " * len(part[0]) if part["comment"] else part[0]


def _uses(code: str, form: Form) -> Iterator[tuple[int, int, str, str]]:
    for found in tokens.find_near(tokens.VARIABLE, code):
        before = code[max(0, found.start() - 10) : found.start()]
        told = form is Form.POWERSHELL or before.endswith("output ") or _SET.match(code, found.end())
        if told and not _OWN.search(before):
            yield *found.span(), found[0], "env"
    for found in tokens.find_near(tokens.URL, code):
        yield found.start(), found.end(), found[0], "raw-http"
    for found in tokens.find_near(_MODEL, code):
        model = tokens.split_model(found["model"])
        if model is not None and (model[0] or model[1] not in WORDS):
            yield found.start("model") + len(model[0]), found.end("model"), model[1], "model-literal"
