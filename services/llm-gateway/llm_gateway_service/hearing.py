"""`python -m llm_gateway_service.hearing FOLDER LONGEST_S`: hears voice notes with a Whisper model, one after another.

It is a process of its own, so that a note that takes too long can be ended, a file that breaks the decoder breaks
nothing else, and the model's memory is given back. Each note comes on standard input, its size in four bytes before
it; its words go to standard output as a line of JSON: `text`, `confidence` and `seconds`, or `trouble`.
"""

import contextlib
import json
import math
import os
import sys
from collections.abc import Iterable
from io import BytesIO
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from faster_whisper import WhisperModel
    from faster_whisper.transcribe import Segment

SIZE = 4
"""Bytes before a note that say how many it has, the greatest first."""
NICENESS = 10
"""Answers to families come before listening."""
THREADS = 4
TEMPERATURES = (0.0, 0.4)
"""The second one only where the first one goes round in circles."""


def serve(folder: str, longest_s: float) -> None:
    """Hear notes until there are no more."""
    os.nice(NICENESS)
    from faster_whisper import WhisperModel

    threads = min(os.cpu_count() or 1, THREADS)
    model = WhisperModel(folder, device="cpu", compute_type="int8", cpu_threads=threads, local_files_only=True)
    while size := sys.stdin.buffer.read(SIZE):
        note = sys.stdin.buffer.read(int.from_bytes(size))
        sys.stdout.write(f"{json.dumps(hear(model, note, longest_s))}\n")
        sys.stdout.flush()


def hear(model: "WhisperModel", note: bytes, longest_s: float) -> dict[str, Any]:
    """Return what a note says, or the trouble with it: `english` is a model that knows no other language."""
    if not model.model.is_multilingual:
        return {"trouble": "english"}
    from av.error import FFmpegError

    try:
        segments, about = model.transcribe(
            BytesIO(note),
            language="pt",
            temperature=TEMPERATURES,
            vad_filter=True,  # of silence these models make words
            condition_on_previous_text=False,
        )
    except (FFmpegError, IndexError):  # the latter where there is no sound in it
        return {"trouble": "no_audio"}
    if about.duration > longest_s:
        return {"trouble": "too_long"}
    return told(segments) | {"seconds": about.duration}


def told(segments: Iterable["Segment"]) -> dict[str, Any]:
    """Put the segments together.

    The confidence is as with OpenAI, the mean probability of the tokens (geometric), times that of speech at all.
    """
    heard = list(segments)
    tokens = sum(len(each.tokens) for each in heard)
    if not tokens:
        return {"text": "", "confidence": 0.0}
    mean = math.fsum(len(each.tokens) * each.avg_logprob for each in heard) / tokens
    silence = math.fsum(len(each.tokens) * each.no_speech_prob for each in heard) / tokens
    text = " ".join(each.text.strip() for each in heard)
    return {"text": text, "confidence": min(max(math.exp(mean) * (1 - silence), 0.0), 1.0)}


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt, BrokenPipeError):
        serve(sys.argv[1], float(sys.argv[2]))
