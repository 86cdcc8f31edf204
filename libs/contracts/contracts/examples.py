"""One example of every fact and question, about one invented family; the wire snapshots are made of these."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid5

from contracts import calendar, dialogue, frontdesk, ingress, llm_gateway, postprocessor, preprocessor, privacy, rules
from contracts.envelope import NAMESPACE, Fact, Question

AT = datetime(2026, 11, 23, 13, 12, tzinfo=UTC)


def an_id(name: str) -> UUID:
    """Derive a fixed id from a word."""
    return uuid5(NAMESPACE, name)


ADDRESS = ingress.Address(jid="5551987650001@s.whatsapp.net", phone="+5551987650001", lid="200000000000001@lid")
KEY = ingress.ChannelKey(instance="kumon", id="3A0001")
OURS = ingress.ChannelKey(instance="kumon", id="3EB0F2", from_me=True)
CONTACT = preprocessor.Contact(phone="+5551987650001", address=ADDRESS, profile_name="Ana")
SLOT = dialogue.Slot(start=AT + timedelta(days=1, hours=4), end=AT + timedelta(days=1, hours=4, minutes=30))
LATER = dialogue.Slot(start=AT + timedelta(days=2, hours=4), end=AT + timedelta(days=2, hours=4, minutes=30))
LEAD = dialogue.Lead(
    parent_name="Ana Souza",
    phone="+5551987650001",
    email="ana@example.com",
    students=(dialogue.Student(name="Pedro", age=8, grade="ef3", subjects=("matematica", "portugues")),),
    time_preference={"kind": "period", "period": "afternoon"},
)
VISIT = calendar.Visit(id=an_id("visit"), slot=SLOT, status="booked", contact=CONTACT, lead=LEAD)
POLICY = dialogue.SendPolicy(expires_at=AT + timedelta(minutes=30))
SENT = postprocessor.SentBubble(index=0, key=OURS, sent_at=AT)

FACTS: tuple[Fact, ...] = (
    ingress.MessageReceived(
        key=KEY,
        address=ADDRESS,
        profile_name="Ana",
        kind="text",
        text="oi, quanto custa?",
        quote=ingress.Quote(channel_id="3EB0AA", text="Posso ajudar?"),
        sent_at=AT,
    ),
    ingress.MessageEdited(key=KEY, address=ADDRESS, text="oi! quanto custa?", edited_at=AT),
    ingress.MessageDeleted(key=KEY, address=ADDRESS),
    ingress.ParentTyping(address=ADDRESS, typing=True),
    ingress.MessageEchoed(key=OURS, address=ADDRESS, origin="phone", text="Oi, aqui é da unidade", sent_at=AT),
    ingress.NamesSeen(address=ADDRESS),
    ingress.ReceiptReceived(key=OURS, status="read"),
    ingress.ChannelStateChanged(instance="kumon", state="open", reason=200),
    preprocessor.MessageSanitized(
        key=KEY,
        contact=CONTACT,
        kind="text",
        text="oi, quanto custa?",
        marks=frozenset({"first_contact"}),
        sent_at=AT,
        received_at=AT,
    ),
    preprocessor.MessageRejected(key=KEY, contact=CONTACT, reason="rate_limited", tell=True, sent_at=AT),
    preprocessor.ContactsMerged(merged="cnv_0", contact=CONTACT),
    dialogue.TurnOpened(turn_id=an_id("turn"), messages=(an_id("message"),), keys=(KEY,)),
    dialogue.TurnClosed(
        turn_id=an_id("turn"),
        messages=(an_id("message"),),
        keys=(KEY,),
        outcome="replied",
        route="template",
        stage="discovery",
        facts_version="0123456789ab",
        intents=("ask_price",),
        window_s=1.5,
        work_s=0.02,
        grounds=(dialogue.Ground(kind="prices"),),
    ),
    dialogue.ReplyProposed(
        reply_id=an_id("reply"),
        turn_id=an_id("turn"),
        contact=CONTACT,
        instance="kumon",
        bubbles=(dialogue.ProposedBubble(text="Como você se chama?", template="ask_parent_name"),),
        purpose="question",
        answers=(KEY,),
        offered_slots=(SLOT,),
        own_data=("Ana",),
        policy=POLICY,
        last_inbound_at=AT,
        follows=an_id("reply before"),
        composed_at=AT,
    ),
    dialogue.LeadUpdated(
        contact=CONTACT,
        lead=LEAD,
        changes=(dialogue.FieldChange(field="parent_name", message=an_id("message")),),
        completeness=8,
        stage="discovery",
    ),
    dialogue.LeadQualified(contact=CONTACT, lead=LEAD),
    dialogue.BookingRequested(slot=SLOT, lead=LEAD, contact=CONTACT),
    dialogue.RescheduleRequested(visit_id=an_id("visit"), slot=LATER, contact=CONTACT),
    dialogue.CancellationRequested(visit_id=an_id("visit"), contact=CONTACT),
    dialogue.HandoffRequested(
        contact=CONTACT,
        reason="person_request",
        pack=dialogue.HandoffPack(summary=("Ana quer falar com a unidade.",), lead=LEAD),
    ),
    dialogue.OptedOut(contact=CONTACT),
    dialogue.KnowledgeGapFound(question="vocês têm ar-condicionado?", facts_version="0123456789ab"),
    rules.ReplyDrafted(
        reply_id=an_id("reply"),
        turn_id=an_id("turn"),
        contact=CONTACT,
        instance="kumon",
        bubbles=("Como você se chama?",),
        purpose="question",
        answers=(KEY,),
        facts_version="0123456789ab",
        policy=POLICY,
        last_inbound_at=AT,
        follows=an_id("reply before"),
    ),
    rules.DraftBlocked(
        reply_id=an_id("reply"), replacement=rules.Replacement(bubble=0, claim="price"), facts_version="0123456789ab"
    ),
    llm_gateway.CompletionServed(
        task="phrase",
        provider="openai",
        model="gpt-4o-mini",
        input_tokens=900,
        output_tokens=80,
        brl=Decimal("0.0011"),
        usd_brl=Decimal("5.40"),
        duration_s=0.8,
    ),
    llm_gateway.ProviderFailedOver(provider="openai", to="anthropic", error="rate_limited"),
    llm_gateway.BudgetThresholdCrossed(day="2026-11-23", threshold=Decimal("4.00"), spent=Decimal("4.01")),
    calendar.BookingConfirmed(visit=VISIT),
    calendar.BookingRejected(slot=SLOT, reason="taken", alternatives=(LATER,), contact=CONTACT),
    calendar.VisitRescheduled(visit=VISIT, previous=LATER),
    calendar.VisitCancelled(visit=VISIT.model_copy(update={"status": "cancelled", "version": 2})),
    calendar.ReminderDue(visit=VISIT),
    calendar.CalendarConflictFound(kind="event_over_visit", visit=VISIT, wanted=SLOT, title="Reunião de pais"),
    calendar.VisitOutcomeRecorded(visit_id=an_id("visit"), outcome="came", by="owner"),
    postprocessor.ReplyDelivered(
        reply_id=an_id("reply"),
        turn_id=an_id("turn"),
        contact=CONTACT,
        channel="evolution",
        bubbles=(SENT,),
        attempts=1,
    ),
    postprocessor.ReplyRead(reply_id=an_id("reply"), contact=CONTACT, read_at=AT),
    postprocessor.DeliveryFailed(reply_id=an_id("reply"), contact=CONTACT, reason="not_on_whatsapp", attempts=1),
    postprocessor.ChannelOutageReported(
        channel="evolution",
        began_at=AT,
        waiting=(postprocessor.WaitingPerson(conversation="cnv_0", contact=CONTACT, since=AT, bubbles=2),),
    ),
    frontdesk.StaffTookOver(by="owner"),
    frontdesk.StaffReleased(by="owner"),
    frontdesk.StaffReplied(reply_id=an_id("staff"), contact=CONTACT, instance="kumon", by="owner", text="Oi, Ana!"),
    frontdesk.LeadEditedByStaff(
        lead=LEAD,
        changes=(dialogue.FieldChange(field="email"), dialogue.FieldChange(field="age", student=0)),
        by="owner",
    ),
    frontdesk.VisitBookedByStaff(slot=SLOT, lead=LEAD, contact=CONTACT, by="owner"),
    frontdesk.VisitMovedByStaff(visit_id=an_id("visit"), slot=LATER, by="owner"),
    frontdesk.VisitCancelledByStaff(visit_id=an_id("visit"), by="owner"),
    frontdesk.TimeBlocked(block_id=an_id("block"), slot=SLOT, name="Reunião de pais", by="owner"),
    frontdesk.TimeUnblocked(block_id=an_id("block"), by="owner"),
    frontdesk.KnowledgeAnswered(
        answer=frontdesk.TaughtAnswer(
            id=an_id("answer"), question="Tem estacionamento?", answer="Tem, sim!", by="maria", answered_at=AT
        )
    ),
    frontdesk.StaffNotified(reply_id=an_id("notice"), contact=CONTACT, instance="kumon", text="WhatsApp desconectado"),
    frontdesk.AlertRaised(alert_id=an_id("alert"), condition="channel_closed", severity="critical"),
    frontdesk.AlertCleared(alert_id=an_id("alert"), condition="channel_closed"),
    privacy.ErasureRequested(phone="+5551987650001", asked_by="parent"),
    privacy.DataErased(owner="dialogue", rows=12),
)

QUESTIONS: tuple[Question, ...] = (
    rules.Assess(now=AT, intents=("ask_price",), students=(rules.QuoteFor(subjects=("matematica",)),)),
    calendar.Availability(
        conversation="cnv_0", now=AT, wish=calendar.SlotWish(weekdays=(1, 3), latest=date(2026, 12, 1), start="14:00")
    ),
    calendar.Week(first=date(2026, 11, 23), now=AT),
    postprocessor.Recognise(key=OURS, address=ADDRESS, text="Oi, Ana!", sent_at=AT),
    preprocessor.FetchRecording(key=KEY),
    frontdesk.Taught(now=AT),
    llm_gateway.Complete(task="phrase", messages=(llm_gateway.ChatMessage(role="user", content="oi"),)),
    llm_gateway.Transcribe(audio="AAAA", mimetype="audio/ogg", seconds=4),
)
