"""How the answers to the probes are judged.

Judges look at the wire as the OpenAI SDK consumes it, never at the model's wit: an answer passes when the SDK would
hand the caller what OpenAI's would, and a feature counts only when its *effect* is seen: a 200 proves nothing.
All are pure: requirement and responses in, outcome and evidence out. One module a theme; ``answers`` holds what all of
them look at first.
"""

from llm_migrate.live.judges.answers import Judgement as Judgement
from llm_migrate.live.judges.answers import error_of as error_of
