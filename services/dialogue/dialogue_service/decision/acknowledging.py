"""Showing that what was told was heard: names, corrections, and what came by voice."""

from contracts.dialogue import Student

from dialogue_service.decision.acts import GoWithoutEmail, Greet, KnownValues, Meet, MoveOn, Noted
from dialogue_service.decision.lead import first_name
from dialogue_service.decision.qualify import TRIES, next_field
from dialogue_service.decision.scene import Scene
from dialogue_service.decision.turn import Change


def acknowledge(scene: Scene) -> Scene:
    """Repeat what replaces an earlier value or was heard; greet by name who just said it."""
    changes = scene.taken.changes
    corrected = tuple(change for change in changes if change.corrected)
    if corrected:
        return scene.say(*_repeated(scene, corrected, corrected=True))
    told = tuple(change for change in changes if change.field != "time_preference")
    if scene.turn.heard and (heard := (*_repeated(scene, told, heard=True), *_time_heard(scene))):
        return scene.say(*heard)
    if scene.turn.gives_no_email:
        return scene.say(GoWithoutEmail())
    name = scene.state.lead.parent_name
    if name and any(change.field == "parent_name" for change in changes):
        return scene.say(Meet(name=first_name(name)))
    return scene


def note(scene: Scene) -> Scene:
    """Say that something was noted, when nothing else is said but a greeting."""
    told = tuple(change for change in scene.taken.changes if change.field != "time_preference")
    only_greets = all(isinstance(act, Greet) for act in scene.acts)
    return scene.say(*_repeated(scene, told)) if told and only_greets else scene


def note_unasked(scene: Scene) -> Scene:
    """Show that what was told instead of an answer was heard, before the next question."""
    return scene if scene.taken.answered else note(scene)


def move_on(scene: Scene) -> Scene:
    """Leave a field for later, politely, when the second answer was none either."""
    asked = scene.taken.state.asked
    failed = asked is not None and not scene.taken.answered and scene.state.failed.get(asked.key, 0) == TRIES
    if not failed or scene.state.declined or scene.asks:
        return scene
    following = next_field(scene.state, at_booking=scene.state.visit_ahead(scene.now) is not None)
    return scene if following and asked and following.key == asked.key else scene.say(MoveOn())


def _time_heard(scene: Scene) -> tuple[Noted, ...]:
    """Repeat a time that was heard, unless it is free and asked back as a slot."""
    is_read_back = any(offer.exact_free for offer in scene.known.offers or ())
    if scene.taken.preference is None or is_read_back:
        return ()
    return (Noted(values=KnownValues(time=scene.taken.preference), heard=True),)


def _repeated(
    scene: Scene, changes: tuple[Change, ...], *, corrected: bool = False, heard: bool = False
) -> tuple[Noted, ...]:
    """One act for the parent's own values, one a student."""
    lead = scene.state.lead
    own = {change.field for change in changes if change.student is None}
    acts = []
    if own & {"parent_name", "email"}:
        values = KnownValues(
            parent_name=lead.parent_name if "parent_name" in own else None, email=lead.email if "email" in own else None
        )
        acts.append(Noted(values=values, heard=heard, corrected=corrected))
    for index in sorted({change.student for change in changes if change.student is not None}):
        fields = {change.field for change in changes if change.student == index}
        acts.append(Noted(values=_of_student(lead.students[index], fields), heard=heard, corrected=corrected))
    return tuple(acts)


def _of_student(student: Student, fields: set[str]) -> KnownValues:
    return KnownValues(
        student_name=first_name(student.name) if student.name else None,
        age=student.age if "age" in fields else None,
        grade=student.grade if "grade" in fields else None,
        subjects=student.subjects if "subjects" in fields else (),
    )
