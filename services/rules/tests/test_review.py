"""What takes the place of what is blocked, and that nothing is dropped."""

from collections.abc import Callable

from contracts.dialogue import ProposedBubble, ReplyProposed
from rules_service.review import Reviewer

Propose = Callable[..., ReplyProposed]
WRONG, SAFE = "A mensalidade é de R$ 300,00.", "A mensalidade é de *R$ 375,00* por matéria."


def test_a_blocked_text_is_replaced_by_its_safe_text(reviewer: Reviewer, propose: Propose) -> None:
    reviewed = reviewer.review(propose(WRONG, template=False, safe=SAFE))
    assert reviewed.bubbles == (SAFE,)
    assert [(each.bubble, each.claim) for each in reviewed.replaced] == [(0, "price")]


def test_a_safe_text_that_is_not_safe_gives_way_to_the_last_resort(reviewer: Reviewer, propose: Propose) -> None:
    reviewed = reviewer.review(propose(WRONG, template=False, safe="São R$ 310,00."))
    assert reviewed.bubbles == (reviewer.last_resort,)
    assert "(51) 99692-1999" in reviewer.last_resort


def test_a_blocked_template_gives_way_to_the_last_resort(reviewer: Reviewer, propose: Propose) -> None:
    assert reviewer.review(propose(WRONG, template=True, safe=SAFE)).bubbles == (reviewer.last_resort,)


def test_only_the_blocked_bubble_changes(reviewer: Reviewer, propose: Propose) -> None:
    proposal = propose("Oi, Ana!", WRONG, "Como posso ajudar?")
    reviewed = reviewer.review(proposal)
    assert reviewed.bubbles == ("Oi, Ana!", reviewer.last_resort, "Como posso ajudar?")
    assert [each.bubble for each in reviewed.replaced] == [1]


def test_the_last_resort_is_said_once(reviewer: Reviewer, propose: Propose) -> None:
    reviewed = reviewer.review(propose(WRONG, WRONG, WRONG))
    assert reviewed.bubbles == (reviewer.last_resort,)
    assert [each.bubble for each in reviewed.replaced] == [0, 1, 2]


def test_a_proposal_without_bubbles_still_answers(reviewer: Reviewer, propose: Propose) -> None:
    assert reviewer.review(propose()).bubbles == (reviewer.last_resort,)


def test_a_review_can_be_repeated(reviewer: Reviewer, propose: Propose) -> None:
    proposal = propose("Amanhã, terça-feira, às 14h30.", WRONG)
    assert reviewer.review(proposal) == reviewer.review(proposal)


def test_a_template_and_a_free_text_in_one_reply_are_told_apart(reviewer: Reviewer, propose: Propose) -> None:
    two_subjects = "A mensalidade é de R$ 750,00."
    proposal = propose("Oi!").model_copy(
        update={
            "bubbles": (
                ProposedBubble(text=two_subjects, template="prices_more"),
                ProposedBubble(text=two_subjects, safe_text=SAFE),
            )
        }
    )
    assert reviewer.review(proposal).bubbles == (two_subjects, SAFE)
