"""The report of a check as JUnit XML, which CI systems show: one test case a requirement, one suite an endpoint."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from llm_codemods.check_report import CheckReport, EndpointReport
from llm_codemods.proof import Outcome, Proof
from llm_migrate.language import say
from llm_migrate.render.verdicts import CLAIMS, WORDS, named, place, row_of

_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML cannot hold."""


def as_junit(report: CheckReport) -> str:
    """Return the document. A requirement that fails is a failure with its evidence; so is one that gave no usable
    answer, for some schemas know no errors within a test case."""
    root = ET.Element("testsuites", {"name": "llm-migrate check"})
    for endpoint in report.endpoints:
        root.append(_suite(endpoint))
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=False)


def _suite(endpoint: EndpointReport) -> ET.Element:
    cases = [_case(endpoint, proof) for proof in endpoint.proofs]
    counts = {kind: sum(case.find(kind) is not None for case in cases) for kind in ("failure", "skipped")}
    seconds = sum(proof.seconds for proof in endpoint.proofs)
    suite = ET.Element(
        "testsuite",
        {
            "name": _legal(f"{endpoint.provider} {endpoint.base_url}"),
            "tests": str(len(cases)),
            "failures": str(counts["failure"]),
            "errors": "0",
            "skipped": str(counts["skipped"]),
            "time": f"{seconds:.3f}",
        },
    )
    suite.extend(cases)
    return suite


def _case(endpoint: EndpointReport, proof: Proof) -> ET.Element:
    need = proof.requirement
    name = named(need) if need.model is None else f"{named(need)}, {need.model}"
    about = {"classname": f"{endpoint.provider}.{need.feature}", "name": name, "time": f"{proof.seconds:.3f}"}
    case = ET.Element("testcase", {key: _legal(value) for key, value in about.items()})
    evidence = _legal(say(proof.evidence))
    if proof.outcome is Outcome.SKIPPED:
        ET.SubElement(case, "skipped", {"message": evidence})
    elif endpoint.fails(proof):
        failure = ET.SubElement(case, "failure", {"message": evidence, "type": proof.outcome.value})
        failure.text = _legal("\n".join(_details(proof)))
    return case


def _details(proof: Proof) -> list[str]:
    lines = [say("{outcome}: {evidence}", outcome=WORDS[proof.outcome], evidence=proof.evidence)]
    if proof.disagrees and proof.claim is not None:
        row = row_of(proof.row)
        lines.append(say("{row}: the profile says {claim}", row=row, claim=CLAIMS[proof.claim]))
    return [*lines, *map(place, proof.requirement.locations)]


def _legal(said: str) -> str:
    return _ILLEGAL.sub("\ufffd", said)
