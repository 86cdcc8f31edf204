"""A Whisper model of a few weights, which says the same four words of whatever it hears, and something to hear.

It is made of the real format's parts and goes the real library's whole way. Nothing of what it hears reaches the
decoder: its positions alone say which token comes next, with a probability of about nine tenths.
"""

import io
import json
import math
import wave
from pathlib import Path
from typing import Any

WORDS = ("Meu", "filho", "tem", "sete")
WIDTH = 16
SHARPNESS = 3.4
"""Of the tokens' weights; by it they are nine times as likely as all others together."""
END, START, LANGUAGES = 50257, 50258, 99
TIMES = 50364
SAYING = (TIMES, *range(len(WORDS)), TIMES + 50, END)
"""The tokens that it says: it begins at 0 s, ends after 1 s."""
PROMPT = 3
"""Tokens that the library says first; the last of them is followed by the first of ours."""


def write(folder: Path) -> Path:
    """Write a model into a folder."""
    from ctranslate2.specs.whisper_spec import WhisperSpec

    spec = WhisperSpec(1, 2, 1, 2)
    _fill(spec)
    tokens = _tokens()
    spec.register_vocabulary(tokens)
    spec.config.suppress_ids, spec.config.suppress_ids_begin = [], []
    spec.config.lang_ids = list(range(START + 1, START + 1 + LANGUAGES))
    spec.config.alignment_heads = [(0, 0)]
    spec.validate()
    spec.optimize()
    folder.mkdir(parents=True, exist_ok=True)
    spec.save(str(folder))
    _write_tokenizer(folder, tokens)
    return folder


def a_voice(seconds: float = 2.0) -> bytes:
    """Return a WAV of somebody saying "aaa": what a voice detector takes for a voice."""
    import numpy as np

    rate = 16_000
    at = np.arange(int(rate * seconds)) / rate
    pitch = 120 + 15 * np.sin(2 * math.pi * 3 * at)
    phase = 2 * math.pi * np.cumsum(pitch) / rate
    formants = ((700, 130, 1.0), (1220, 150, 0.5), (2600, 200, 0.25))
    sound = np.zeros_like(at)
    for harmonic in range(1, 30):
        loud = sum(height * math.exp(-(((120 * harmonic - middle) / width) ** 2)) for middle, width, height in formants)
        sound += (loud + 0.02) * np.sin(harmonic * phase)
    sound *= 0.3 * (1 + 0.7 * np.sin(2 * math.pi * 4 * at))
    samples = (np.clip(sound / np.abs(sound).max(), -1, 1) * 20_000).astype("<i2")
    return wav(samples.tobytes())


def wav(samples: bytes, rate: int = 16_000) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as writing:
        writing.setnchannels(1)
        writing.setsampwidth(2)
        writing.setframerate(rate)
        writing.writeframes(samples)
    return file.getvalue()


def _tokens() -> list[str]:
    from faster_whisper.tokenizer import _LANGUAGE_CODES

    words = [*WORDS, *(f"w{nth}" for nth in range(END - len(WORDS) - 1)), ""]  # by the last a model of many is known
    languages = [f"<|{code}|>" for code in _LANGUAGE_CODES[:LANGUAGES]]
    tasks = ["translate", "transcribe", "startoflm", "startofprev", "nocaptions", "notimestamps"]
    times = [f"<|{nth * 0.02:.2f}|>" for nth in range(1501)]
    return [*words, "<|endoftext|>", "<|startoftranscript|>", *languages, *(f"<|{task}|>" for task in tasks), *times]


def _write_tokenizer(folder: Path, tokens: list[str]) -> None:
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel

    vocabulary = {token: at for at, token in enumerate(tokens)}
    Tokenizer(WordLevel(vocabulary, unk_token="w0")).save(str(folder / "tokenizer.json"))
    assert len(json.loads((folder / "tokenizer.json").read_text())["model"]["vocab"]) == len(tokens)


def _fill(spec: Any) -> None:
    import numpy as np

    def zeros(*shape: int) -> Any:
        return np.zeros(shape, dtype=np.float32)

    def linear(layer: Any, rows: int, columns: int) -> None:
        layer.weight, layer.bias = zeros(rows, columns), zeros(rows)

    def norm(layer: Any) -> None:
        layer.gamma, layer.beta = zeros(WIDTH) + 1, zeros(WIDTH)

    def attention(layer: Any, *rows: int) -> None:
        norm(layer.layer_norm)
        for each, wide in zip(layer.linear, rows, strict=True):
            linear(each, wide * WIDTH, WIDTH)

    encoder, decoder = spec.encoder, spec.decoder
    encoder.conv1.weight, encoder.conv1.bias = zeros(WIDTH, 80, 3), zeros(WIDTH)
    encoder.conv2.weight, encoder.conv2.bias = zeros(WIDTH, WIDTH, 3), zeros(WIDTH)
    encoder.position_encodings.encodings = zeros(1500, WIDTH)
    positions, projection = zeros(448, WIDTH), zeros(TIMES + 1501, WIDTH)
    for nth, token in enumerate(SAYING):
        positions[PROMPT - 1 + nth, nth], projection[token, nth] = 100, SHARPNESS
    decoder.embeddings.weight, decoder.position_encodings.encodings = zeros(TIMES + 1501, WIDTH), positions
    decoder.projection.weight = projection
    for side in (encoder, decoder):
        norm(side.layer_norm)
        for layer in side.layer:
            attention(layer.self_attention, 3, 1)
            norm(layer.ffn.layer_norm)
            linear(layer.ffn.linear_0, 4 * WIDTH, WIDTH)
            linear(layer.ffn.linear_1, WIDTH, 4 * WIDTH)
    for layer in decoder.layer:
        attention(layer.attention, 1, 2, 1)
