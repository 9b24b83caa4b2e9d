"""How a provider answers, as its profile says: requests in, answers out, nothing of a server in it.

It refuses what the profile says the provider refuses, drops what it ignores, and is deterministic. It says nothing of
the provider that the profile does not say: it is no evidence.
"""
