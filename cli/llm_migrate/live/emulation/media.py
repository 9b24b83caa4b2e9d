"""Pictures, speech, transcriptions and moderation."""

from __future__ import annotations

import base64
import io
import re
import wave
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from llm_codemods.profile import HOME, Profile
from llm_migrate.live.emulation.acceptance import find_model, honoured, is_dropped
from llm_migrate.live.emulation.chat import CREATED, event
from llm_migrate.live.emulation.pictures import COLOURS, colour_of, png
from llm_migrate.live.emulation.refusal import refusal
from llm_migrate.live.emulation.reply import digest, tokens

PICTURES = "/emulated"
"""Where pictures are that an answer gives the address of."""
_MOST_PICTURES = 10
_LARGEST = 2048
_RATE = 8000
_MP3 = b"\xff\xfb\x90\x64" + bytes(413)
"""One frame of silence."""
_CATEGORIES = (
    "harassment",
    "harassment/threatening",
    "hate",
    "hate/threatening",
    "illicit",
    "illicit/violent",
    "self-harm",
    "self-harm/instructions",
    "self-harm/intent",
    "sexual",
    "sexual/minors",
    "violence",
    "violence/graphic",
)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file of a form."""

    name: str
    data: bytes
    type: str = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Content:
    """An answer that is no JSON."""

    data: bytes
    type: str


def _named_model(profile: Profile, api: str, body: Mapping[str, Any]) -> None:
    """OpenAI has a default model for these endpoints, others have none."""
    if "model" in body or profile.id != HOME:
        find_model(profile, api, body.get("model"))


# --- pictures ---------------------------------------------------------------------------------------------------------


def images(profile: Profile, body: Mapping[str, Any], root: str, api: str = "images.generate") -> Mapping[str, Any]:
    """Answer with pictures of one colour: the one that the prompt names, or of the picture that was sent.

    Raises:
        RefusalError: what the provider would answer instead.
    """
    _named_model(profile, api, body)
    form = api != "images.generate"
    asked = honoured(profile, api, body, typed=not form)
    sent = next((v for v in asked.values() if isinstance(v, Upload)), None)
    if (form and sent is None) or (api != "images.create_variation" and not isinstance(asked.get("prompt"), str)):
        raise refusal(profile, "bad-parameter", parameter="image" if form and sent is None else "prompt")
    count = int(asked.get("n", 1)) if str(asked.get("n", 1)).isdecimal() else 0
    size = re.fullmatch(r"(\d{1,5})x(\d{1,5})", str(asked.get("size", "1024x1024")).replace("auto", "1024x1024"))
    if not 1 <= count <= _MOST_PICTURES:
        raise refusal(profile, "bad-parameter", parameter="n")
    if size is None or not all(1 <= int(side) <= _LARGEST for side in size.groups()):
        raise refusal(profile, "bad-parameter", parameter="size")
    name = _colour(asked, sent)
    coded = asked.get("response_format") == "b64_json" and not is_dropped(profile, api, "response_format")
    given: dict[str, str]
    if coded:
        given = {"b64_json": base64.b64encode(png(COLOURS[name], int(size[1]), int(size[2]))).decode()}
    else:
        given = {"url": f"{root}{PICTURES}/{name}-{size[0]}.png"}
    return {"created": CREATED, "data": [given] * count}


def picture(name: str) -> Content | None:
    """Return the picture that an address ends with, ``red-64x64.png``."""
    found = re.fullmatch(r"([a-z]+)-(\d{1,4})x(\d{1,4})\.png", name)
    if found is None or found[1] not in COLOURS or max(int(found[2]), int(found[3])) > _LARGEST:
        return None
    return Content(png(COLOURS[found[1]], int(found[2]), int(found[3])), "image/png")


def _colour(asked: Mapping[str, Any], sent: Upload | None) -> str:
    words = re.findall(r"[a-z]+", str(asked.get("prompt", "")).lower())
    named = next((word for word in words if word in COLOURS), None)
    if named is None and sent is not None:
        named = colour_of("data:image/png;base64," + base64.b64encode(sent.data).decode())
    return named or sorted(COLOURS)[int(digest({"prompt": str(asked.get("prompt"))})[:8], 16) % len(COLOURS)]


# --- sound ------------------------------------------------------------------------------------------------------------


def speech(profile: Profile, body: Mapping[str, Any]) -> Content | Iterator[str]:
    """Answer with silence, as long as the text: WAV, PCM or MP3; WAV where another format is asked for.

    Raises:
        RefusalError: what the provider would answer instead.
    """
    find_model(profile, "audio.speech.create", body.get("model"))
    asked = honoured(profile, "audio.speech.create", body)
    for name in ("input", "voice"):
        if not asked.get(name):
            raise refusal(profile, "bad-parameter", parameter=name)
    row = profile.parameter("audio.speech.create", "response_format")
    usual = "mp3" if row is None or not row.values or "mp3" in row.values else row.values[0]
    made = _sound(str(asked.get("response_format", usual)), len(str(asked["input"])))
    if asked.get("stream_format") != "sse":
        return made
    words = len(tokens(str(asked["input"])))
    usage = {"input_tokens": words, "output_tokens": words, "total_tokens": 2 * words}
    delta = {"type": "speech.audio.delta", "audio": base64.b64encode(made.data).decode()}
    return iter((event(delta), event({"type": "speech.audio.done", "usage": usage})))


def _sound(form: str, characters: int) -> Content:
    samples = bytes(2 * (_RATE // 20) * min(characters, 400))
    if form == "pcm":
        return Content(samples, "audio/pcm")
    if form == "mp3":
        return Content(_MP3 * max(1, min(characters, 400)), "audio/mpeg")
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(_RATE)
        sound.writeframes(samples)
    return Content(file.getvalue(), "audio/wav")


def transcription(profile: Profile, body: Mapping[str, Any], api: str) -> Mapping[str, Any] | Content | Iterator[str]:
    """Answer with a text that tells how much was heard.

    Raises:
        RefusalError: what the provider would answer instead.
    """
    find_model(profile, api, body.get("model"))
    asked = honoured(profile, api, body, typed=False)
    sent = asked.get("file")
    if not isinstance(sent, Upload) or not sent.data:
        raise refusal(profile, "bad-parameter", parameter="file")
    heard = f"Hello from the emulator of {profile.id}. It heard {len(sent.data)} bytes."
    form = "json" if is_dropped(profile, api, "response_format") else asked.get("response_format", "json")
    usage = {"type": "duration", "seconds": 1}
    if str(asked.get("stream", "")).lower() == "true":
        deltas = [event({"type": "transcript.text.delta", "delta": piece}) for piece in tokens(heard)]
        return iter((*deltas, event({"type": "transcript.text.done", "text": heard})))
    if form == "text":
        return Content(f"{heard}\n".encode(), "text/plain; charset=utf-8")
    if form == "srt":
        return Content(f"1\n00:00:00,000 --> 00:00:01,000\n{heard}\n\n".encode(), "application/x-subrip")
    if form == "vtt":
        return Content(f"WEBVTT\n\n00:00:00.000 --> 00:00:01.000\n{heard}\n\n".encode(), "text/vtt")
    if form == "verbose_json":
        whole = {"task": "transcribe", "language": asked.get("language", "english"), "duration": 1.0, "text": heard}
        return {**whole, "segments": [{"id": 0, "start": 0.0, "end": 1.0, "text": heard}], "usage": usage}
    return {"text": heard, "usage": usage}


# --- moderation -------------------------------------------------------------------------------------------------------


def moderation(profile: Profile, body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Flag texts with the word ``unsafe`` as violence, and no others.

    Raises:
        RefusalError: what the provider would answer instead.
    """
    asked = honoured(profile, "moderations.create", body)
    given = asked.get("input")
    if not given or not isinstance(given, (str, list)):
        raise refusal(profile, "bad-parameter", parameter="input")
    texts = [given] if isinstance(given, str) or all(isinstance(item, Mapping) for item in given) else given
    results = [_moderated("unsafe" in str(text).lower()) for text in texts]
    return {"id": f"modr-{digest(asked)[:24]}", "model": asked.get("model", "moderation"), "results": results}


def _moderated(flagged: bool) -> dict[str, Any]:
    hit = {name: flagged and name == "violence" for name in _CATEGORIES}
    scores = {name: 0.99 if found else 0.01 for name, found in hit.items()}
    applied = {name: ["text"] for name in _CATEGORIES}
    return {"flagged": flagged, "categories": hit, "category_scores": scores, "category_applied_input_types": applied}
