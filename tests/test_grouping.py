from __future__ import annotations

from llm_codemods.grouping import groups


def test_projects_of_a_tree_are_apart_unless_they_import_each_other() -> None:
    names = ["a/x.py", "a/y.py", "b/z.py", "c/lib/w.py", "d/v.py", "e.py", "f.py"]
    imports = {"a/x.py": ["os"], "b/z.py": ["lib", "json"], "c/lib/w.py": ["re"], "e.py": ["f"], "d/v.py": ["openai"]}
    found = {group.tops: group.files for group in groups(names, imports)}
    assert found == {
        frozenset({"a"}): ("a/x.py",),
        frozenset({"b", "c"}): ("b/z.py", "c/lib/w.py"),
        frozenset({"d"}): ("d/v.py",),
        frozenset({""}): ("e.py",),
    }


def test_what_lies_on_top_is_meant_before_what_lies_within() -> None:
    names = ["app/x.py", "tests/t.py", "other/app/y.py"]
    found = groups(names, {"tests/t.py": ["app"], "other/app/y.py": [], "app/x.py": []})
    assert {group.tops for group in found} == {frozenset({"app", "tests"}), frozenset({"other"})}


def test_without_files_that_matter_there_are_no_groups() -> None:
    assert groups(["a/x.py"], {}) == ()


def test_installed_packages_are_apart() -> None:
    found = groups(["a/x.py", "b/y.py", "c/z.py"], {"a/x.py": ["b"], "b/y.py": ["c"]}, installed=True)
    assert {group.tops: group.files for group in found} == {
        frozenset({"a"}): ("a/x.py",),
        frozenset({"b"}): ("b/y.py",),
    }


def test_a_notebook_may_lie_where_no_module_does() -> None:
    found = groups(["a/x.py"], {"main.ipynb": [], "bin/run": ["a"], "a/x.py": []})
    assert {group.tops: group.files for group in found} == {
        frozenset({""}): ("main.ipynb",),
        frozenset({"a", "bin"}): ("a/x.py", "bin/run"),
    }


def test_who_imports_the_package_that_the_tree_is_may_mean_any_part() -> None:
    found = groups(["a/x.py", "b/y.py", "c/z.py"], {"a/x.py": ["pkg"], "b/y.py": []}, package="pkg.inner")
    assert {group.tops: group.files for group in found} == {frozenset({"a", "b", "c"}): ("a/x.py", "b/y.py")}
