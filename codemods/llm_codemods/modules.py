"""Which file of a project an import means."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterable, Iterator

from llm_codemods.libraries import is_other_vendors
from llm_codemods.vocabulary import FRAMEWORKS


class Modules:
    """The Python files of a project, by the names under which they can be imported.

    Nobody says where a project's roots are: every folder that is no package may be one. The root that a file lies below
    comes first, then the one that is nearest.
    """

    def __init__(self, paths: Iterable[str], package: str = "") -> None:
        """Take the files; paths relative to one root, posix. ``package`` is what the root itself is imported as, where
        it is a package."""
        self._sorted = sorted(set(paths))
        self._paths = frozenset(self._sorted)
        self._named: dict[str, list[str]] = defaultdict(list)
        for path in self._sorted:
            if path.endswith(".py"):
                parts = path.removesuffix("/__init__.py").removesuffix(".py").split("/")
                for start in range(len(parts)):
                    self._named[".".join(parts[start:])].append(path)
                if package:
                    self._named[".".join([package, *([] if parts == ["__init__"] else parts)])].append(path)
        self._known: dict[tuple[str, str, int], str | None] = {}

    def __contains__(self, path: str) -> bool:
        """Whether there is such a file."""
        return path in self._paths

    def find(self, path: str, module: str, level: int = 0) -> str | None:
        """Return the file that an import of ``module``, after ``level`` dots, in the file ``path`` means.

        None if it leads outside of the project.
        """
        key = path, module, level
        if key not in self._known:
            self._known[key] = self._relative(*key) if level else self._absolute(path, module)
        return self._known[key]

    def below(self, package: str, name: str) -> str | None:
        """Return the file of the module ``name`` in the package whose ``__init__.py`` is the file ``package``."""
        folder, file = posixpath.split(package)
        return self._file(posixpath.join(folder, name)) if file == "__init__.py" else None

    def beside(self, path: str, module: str) -> str | None:
        """Return the file of the module in the folder of the file ``path``, if that is not the file itself.

        In a package, what is called after an SDK is about it, and the SDK is what is imported.
        """
        folder = posixpath.dirname(path)
        file = posixpath.join(folder, f"{module}.py")
        if file not in self._paths or file == path:
            return None
        after_sdk = module == "openai" or is_other_vendors(module)
        return None if after_sdk and posixpath.join(folder, "__init__.py") in self._paths else file

    def __iter__(self) -> Iterator[str]:
        """Yield the files, sorted."""
        return iter(self._sorted)

    def _file(self, base: str) -> str | None:
        return next((p for p in (f"{base}.py", posixpath.join(base, "__init__.py")) if p in self._paths), None)

    def _relative(self, path: str, module: str, level: int) -> str | None:
        folder = path
        for _ in range(level):
            folder = posixpath.dirname(folder)
        return self._file(posixpath.join(folder, *module.split(".")) if module else folder)

    def _absolute(self, path: str, module: str) -> str | None:
        best: tuple[bool, int, str] | None = None
        for file in self._named.get(module, ()):
            root = _root(file, module)
            if file == path or (root and posixpath.join(root, "__init__.py") in self._paths):
                continue
            around = root == "" or path.startswith(f"{root}/")
            if self._can_mean(path, module, root):
                row = (around, len(root) if around else len(posixpath.commonpath((root, path))), file)
                best = row if best is None or row[:2] > best[:2] else best
        return best[2] if best is not None else None

    def _can_mean(self, path: str, module: str, root: str) -> bool:
        """Whether ``module`` in the file ``path`` can mean what lies below ``root``. A package with the name of an SDK
        is one about it, and hides it only from those who are started in ``root``, unless it is the SDK itself. A module
        with the name of a framework hides it only from what lies beside it or below: ``agents.py`` is a common name."""
        package = module.partition(".")[0]
        if package in FRAMEWORKS:
            reach = posixpath.dirname(root) if posixpath.basename(root) == "src" else root
            return not reach or path.startswith(f"{reach}/")
        if package != "openai":
            return root in ("", "src") or not is_other_vendors(module)
        inside = ("openai/_client.py", "openai/api_resources/__init__.py")
        return any(posixpath.join(root, file) in self._paths for file in inside)


def _root(path: str, module: str) -> str:
    """Return the folder from which ``path`` is importable as ``module``; '' for the project's root, or above it."""
    base = path.removesuffix("/__init__.py").removesuffix(".py")
    inside = "/" + module.replace(".", "/")
    return base.removesuffix(inside) if base.endswith(inside) else ""
