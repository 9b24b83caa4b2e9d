"""Which files are read for some: what they import, who hands something in, and no others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from llm_codemods.analysis import needs_in
from llm_codemods.modules import Modules
from llm_codemods.near import near
from llm_codemods.prefilter import Import, imports_in
from llm_migrate.settings import settle
from terminal import called, notebook, put

FILES: Mapping[str, str] = {
    "app/__init__.py": "from app.llm import ask\nfrom app.other import thing\n",
    "app/llm.py": "from app.client import make\n",
    "app/client.py": "from openai import OpenAI\nfrom .keys import KEY\n",
    "app/keys.py": "KEY = 1\n",
    "app/other.py": "import app.far\n",
    "app/far.py": "",
    "app/web.py": "from app import ask\nfrom app.config import MODEL\n",
    "app/config.py": "MODEL = 1\n",
    "app/thing.py": "from app import thing\n",
    "main.py": "import app.web\n",
    "alone.py": "import openai\n",
}


@pytest.mark.parametrize(
    ("asked", "left_out"),
    [
        (["app/llm.py"], {"app/other.py", "app/far.py", "app/thing.py", "alone.py"}),
        (["main.py"], {"app/thing.py", "app/other.py", "app/far.py", "alone.py"}),
        (["alone.py"], {name for name in FILES if name != "alone.py"}),
        (["app/thing.py"], {"app/llm.py", "app/client.py", "app/keys.py", "app/web.py", "main.py", "alone.py"}
         | {"app/config.py"}),
        (["alone.py", "app/far.py"], {"app/llm.py", "app/client.py", "app/keys.py", "app/web.py", "main.py"}
         | {"app/config.py"}),
    ],
)  # fmt: skip
def test_what_is_imported_and_who_hands_something_in(asked: list[str], left_out: set[str]) -> None:
    def imports_of(name: str) -> Iterator[Import]:
        return imports_in(FILES[name].encode())

    found = near(asked, FILES, Modules(FILES), imports_of)
    packages = {"app/__init__.py"}
    assert found - packages == FILES.keys() - left_out - packages


PROJECT = {
    "pyproject.toml": "",
    "app/__init__.py": "",
    "app/llm.py": 'def ask(client, model):\n    client.chat.completions.create(model=model, messages=[], seed=1)\n',
    "app/makes.py": "from openai import OpenAI\n\n\ndef make():\n    return OpenAI()\n",
    "app/web.py": "from app.llm import ask\nfrom app.makes import make\n\nask(make(), 'gpt-4o')\n",
    "book.ipynb": notebook("from app.llm import ask\nfrom openai import OpenAI\nask(OpenAI(), 'gpt-4o-mini')\n"),
    "far/jobs.py": "from openai import OpenAI\nOpenAI().chat.completions.create(model='gpt-4', messages=[], n=2)\n",
    "far/broken.py": "from openai import OpenAI(\n",
}  # fmt: skip


def test_the_requirements_of_a_file_are_as_if_the_whole_project_were_read(tmp_path: Path) -> None:
    project = put(tmp_path, PROJECT)
    settings = settle([project / "app/llm.py"], to="qwen")
    whole, narrow = settings.analyse(), settings.analyse(narrow=True)
    assert needs_in(narrow) == needs_in(whole)
    assert len({need.model for need in needs_in(narrow).requirements if need.feature == "model"}) == 2
    assert "far/jobs.py" in whole.sites
    assert "far/jobs.py" not in narrow.sites


def test_a_check_of_a_file_asks_for_what_that_file_needs(tmp_path: Path) -> None:
    project = put(tmp_path, PROJECT)
    one = called(project, "check", "--to", "qwen", "--list", "--format", "json", "app/llm.py").json
    named = {row["name"].split()[0] for row in one["requests"]}
    assert "seed" in named
    assert "n" not in named
    assert {site["path"] for row in one["requests"] for site in row["sites"]} == {"app/llm.py"}
    every = called(project, "check", "--to", "qwen", "--list", "--format", "json", ".").json
    assert {site["path"] for row in every["requests"] for site in row["sites"]} == {"app/llm.py", "far/jobs.py"}


def test_a_notebook_says_itself_what_it_imports(tmp_path: Path) -> None:
    book = notebook("from app.makes import make\nmake().chat.completions.create(model='gpt-4o', messages=[])\n")
    settings = settle([put(tmp_path, {**PROJECT, "book.ipynb": book}) / "book.ipynb"], to="qwen")
    assert needs_in(settings.analyse(narrow=True)) == needs_in(settings.analyse())
    assert needs_in(settings.analyse(narrow=True)).requirements
