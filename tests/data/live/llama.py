"""Serve a model by llama.cpp's own server on loopback: ``llama.py MODEL PORT KEY [TEMPLATE]``. Its venv has it."""

import signal
import sys
import threading
from pathlib import Path

import xllamacpp

model, port, key, *template = sys.argv[1:]
given = xllamacpp.CommonParams()
given.model.path = model
given.model_alias = {"smollm2"}
given.hostnames, given.port, given.api_keys = ["127.0.0.1"], int(port), [key]
given.n_parallel, given.n_ctx = 2, 4096  # the slots share the context
given.cpuparams.n_threads = given.cpuparams_batch.n_threads = 1  # two would wait for each other on a busy machine
given.use_jinja = given.embedding = given.offline = True
given.pooling_type = xllamacpp.llama_pooling_type.LLAMA_POOLING_TYPE_MEAN
given.ui = False
if template:
    given.chat_template = Path(template[0]).read_text("utf-8")
server = xllamacpp.Server(given)
stopped = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stopped.set())
stopped.wait()
