"""How clients and objects of frameworks come by their keys."""

from __future__ import annotations

from dataclasses import replace

from llm_codemods import keys
from llm_codemods.project import Project
from llm_codemods.sites.flows import Flows
from llm_codemods.sites.kinds.clients import ClientSite, Held, KeyUse
from llm_codemods.sites.kinds.given import Given
from llm_codemods.sites.kinds.points import Reach
from llm_codemods.terms import Item, Literal, Term
from llm_codemods.values import Environment
from llm_codemods.vocabulary import SECRET


class KeyUses:
    """Says it; to be asked once the reads of all clients are noted."""

    def __init__(self, project: Project, flows: Flows) -> None:
        """Take the project, and what reaches its clients."""
        self._project = project
        self._flows = flows

    def keyed(self, site: ClientSite) -> ClientSite:
        """Say how a client comes by its key; needs the reads of all clients."""
        given = site.given.get("api_key")
        if given is None:
            return site
        held = self.held(given)
        return replace(site, key=held.use, beside=held.beside)

    def held(self, given: Given) -> Held:
        """Say how an object comes by the key that it is given; needs the reads of all."""
        reaches: list[Reach] = []
        origin = keys.trace(self._project, given.path, given.term)
        leaves = tuple(keys.leaves(origin))
        for leaf in leaves:
            if isinstance(leaf, Environment) and (read := self._flows.reads.get(id(keys.variable_of(leaf)))):
                reaches += [use.reach for use in read.uses]
            elif isinstance(leaf, Literal):
                reaches += self._flows.keys.get(id(leaf), ())
        handed = origin is not given.term and any(isinstance(leaf, Literal) and not leaf.value for leaf in leaves)
        stored = any(isinstance(leaf, Environment) and leaf.store is not None for leaf in leaves)
        return Held(self.of(given.term, origin), tuple(dict.fromkeys(reaches)), handed, stored)

    def of(self, term: Term, origin: keys.Origin) -> KeyUse:
        """Say how a client that gets ``term``, which comes from ``origin``, comes by its key."""
        written = origin.term if isinstance(origin, Environment) else origin
        leaves = tuple(keys.leaves(origin))
        reads = [leaf for leaf in leaves if isinstance(leaf, Environment)]
        literals = [leaf.value for leaf in leaves if isinstance(leaf, Literal)]
        unseen = not leaves or any(isinstance(leaf, keys.Unseen) for leaf in leaves)
        if unseen or not all(self._project.origin.key_variable.fullmatch(read.name) for read in reads):
            return KeyUse.FOREIGN
        if written is not term and any(keys.variable_of(read) is None for read in reads):
            return KeyUse.FOREIGN  # Named where nobody renames it for sure.
        stored = isinstance(origin, Environment) and origin.store is not None  # a read of a store keeps its form
        # where it may be empty, somebody may hand in another
        constant = not reads and all(literals) and any(not SECRET.search(str(value)) for value in literals)
        if (written is term and not stored) or constant:
            return KeyUse.HERE
        return KeyUse.EMPTY if keys.can_be_empty(origin, self.may_fail) else KeyUse.KEPT

    def may_fail(self, read: Environment) -> bool:
        """Whether a read may raise where the variable is missing: see ``EnvironmentSite``."""
        variable = keys.variable_of(read)
        if variable is None:
            return False
        if read.store is not None:
            return read.store != "streamlit.secrets.get"
        if isinstance(read.term, Item) or not keys.runs_on_import(self._project, read.path, read.term.scope):
            return True
        known = self._flows.reads.get(id(variable))
        uses = known.uses if known is not None else []
        return any(u.path == read.path and keys.runs_on_import(self._project, u.path, u.scope) for u in uses)
