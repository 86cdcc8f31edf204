"""Whose name a turn gives: the responsible's or a student's, also when it is spelled out or corrected."""

import re
from difflib import SequenceMatcher

from dialogue_service.understanding.name_words import fold
from dialogue_service.understanding.page import Found, Page
from dialogue_service.understanding.spelled_names import find_corrected, find_spelled
from dialogue_service.understanding.values import Context

# From this likeness on, 0 to 1, a corrected name is taken for a known one ("Maria" and "Mariana": 0.83).
ALIKE = 0.6


def tell_apart(
    page: Page, parent: Found[str] | None, students: list[Found[str]], context: Context
) -> tuple[Found[str] | None, list[Found[str]]]:
    """Give a name that is spelled out to whom it is known of; one that was read as both stays the responsible's."""
    spelled = find_spelled(page)
    if spelled:
        return _spelled_for(spelled, parent, students, context)
    if parent:
        students = [each for each in students if each.end <= parent.start or parent.end <= each.start]
    corrected = None if parent or students else find_corrected(page)
    if corrected:
        return _corrected_for(corrected, context)
    return parent, students


def _spelled_for(
    spelled: Found[str], parent: Found[str] | None, students: list[Found[str]], context: Context
) -> tuple[Found[str] | None, list[Found[str]]]:
    def same(known: str | None) -> bool:
        return known is not None and _skeleton(known.split()[0]) == _skeleton(spelled.value.split()[0])

    others = [each for each in students if not same(each.value) and each.start != spelled.start]
    of_student = any(same(each) for each in context.student_names) or any(same(each.value) for each in students)
    of_parent = same(context.parent_name) or (parent is not None and same(parent.value))
    if not (of_student or of_parent):
        of_student = (context.asked or "").startswith(("student", "school", "subjects"))
        of_parent = not of_student
    if of_student and not of_parent:
        kept = parent if parent and not same(parent.value) else None
        return kept, sorted([*others, spelled], key=lambda each: each.start)
    return spelled, others


def _corrected_for(name: Found[str], context: Context) -> tuple[Found[str] | None, list[Found[str]]]:
    """Say whose name is corrected ("não, é Mariana"): the one it resembles, else the one that was asked for last."""
    resembles_student = max((_likeness(name.value, each) for each in context.student_names), default=0.0)
    resembles_parent = _likeness(name.value, context.parent_name) if context.parent_name else 0.0
    if max(resembles_parent, resembles_student) > ALIKE:
        return (name, []) if resembles_parent >= resembles_student else (None, [name])
    if context.asked == "parent_name":
        return name, []
    return None, [name] if context.asked in {"student_name", "student_age", "school_grade"} else []


def _likeness(one: str, other: str) -> float:
    first, second = (_skeleton(each.split()[0]) for each in (one, other))
    return SequenceMatcher(None, first, second).ratio()


def _skeleton(name: str) -> str:
    """Return the sound of a name, more or less: without h, doubled letters and those that stand for each other."""
    plain = re.sub(r"(.)\1", r"\1", fold(name).replace("h", ""))
    return plain.translate(str.maketrans("ykwz", "icvs"))
