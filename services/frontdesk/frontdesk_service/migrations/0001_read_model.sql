-- The read model: everything here but `facts` is folded from facts and can be made again from them.
-- Facts may come in any order, so every column is merged by a rule that does not depend on it: the latest by the
-- fact's own time or version, the furthest of a status, or written once.

-- Every fact that arrived, once: the inbox mark, the history, and what the read model is rebuilt from.
create table facts (
    id uuid primary key,
    type text not null,              -- routing key
    source text not null,
    subject text not null,           -- conversation
    time timestamptz not null,
    correlation uuid not null,
    causation uuid,
    traceparent text,
    data jsonb not null
);
create index facts_subject on facts (subject, time);
create index facts_type on facts (type, time);

-- One row a conversation: who it is, where to answer, how far it got, whose it is.
create table people (
    conversation text primary key,
    phone text,                      -- E.164
    lid text,
    address jsonb,                   -- where to answer, as last received
    instance text,
    address_at timestamptz,
    profile_name text,
    profile_at timestamptz,
    last_at timestamptz,             -- newest message, either way
    stage text,                      -- dialogue's, never handed_over: that is ownership
    stage_at timestamptz,
    unit_at timestamptz,             -- last sign that it is the unit's
    released_at timestamptz,         -- last time it was given back
    answered_at timestamptz,         -- last turn that the assistant replied to
    silenced_at timestamptz,         -- last sign that the person opted out
    heard_at timestamptz             -- last message that may be answered
);
create index people_phone on people (phone);
create index people_lid on people (lid) where lid is not null;

-- While only a LID was known, a person had a conversation under it (an alias); what was said there counts too.
-- After 12 business hours without a staff message the assistant answers again by itself; business hours are no fewer
-- than hours, so a reply that late shows it, while a reply that merely crossed a take-over does not.
create view persons as
select people.*,
    both_rows.last_at as active_at,
    case when both_rows.unit_at > coalesce(released_at, '-infinity')
        and not coalesce(answered_at > both_rows.unit_at + interval '12 hours', false)
        then 'unit' else 'assistant' end as owner,
    coalesce(silenced_at > coalesce(heard_at, '-infinity'), false) as opted_out
from people
cross join lateral (select greatest(people.unit_at, max(alias.unit_at)) as unit_at,
        greatest(people.last_at, max(alias.last_at)) as last_at
    from people alias
    where alias.lid = people.lid and alias.phone is null and people.phone is not null) both_rows;

create table messages (
    id uuid primary key,
    conversation text not null,
    direction text not null check (direction in ('in', 'out')),
    author text check (author in ('parent', 'assistant', 'unit')),  -- null: sent, but its text is not here yet
    kind text not null default 'text',
    text text,
    note text,                       -- why it was not worked on
    instance text,
    channel_id text,
    reply_id uuid,
    part int not null default 0,     -- bubble of the reply
    drafted_at timestamptz,
    sent_at timestamptz,
    rank int not null default 0,     -- of statuses, see message_status
    at timestamptz generated always as (greatest(sent_at, drafted_at)) stored
);
create index messages_conversation on messages (conversation, at desc);
create index messages_key on messages (instance, channel_id);
create index messages_reply on messages (reply_id) where reply_id is not null;

-- What the channel said later about a message: how far it got, its new text, that it was taken back.
create table channel_marks (
    instance text not null,
    channel_id text not null,
    rank int not null default 0,
    text text,
    edited_at timestamptz,
    deleted_at timestamptz,
    primary key (instance, channel_id)
);

create table replies (
    reply_id uuid primary key,
    read_at timestamptz,
    failed_at timestamptz,
    failure text
);

-- An error is further than sent and nearer than delivered: a delivery proves it wrong.
create function message_status(rank int) returns text language sql immutable
    return (array['queued', 'unknown', 'sent', 'failed', 'delivered', 'read'])[rank + 1];

create view conversation_messages as
select m.id, m.conversation, m.direction, m.author, m.kind, m.note, m.channel_id, m.part,
    coalesce(mark.text, m.text) as text,
    mark.edited_at is not null as edited,
    mark.deleted_at is not null as deleted,
    case when m.channel_id is null then r.failure end as failure,
    case when m.channel_id is null then greatest(m.at, r.failed_at) else m.at end as at,
    case when m.direction = 'in' then 'received' else message_status(greatest(m.rank, mark.rank,
        case when r.read_at is not null then 5 end,
        case when r.failed_at is not null and m.channel_id is null then 3 end)) end as status
from messages m
left join channel_marks mark on mark.instance = m.instance and mark.channel_id = m.channel_id
left join replies r on r.reply_id = m.reply_id
where m.author is not null;

-- Messages of parents and how each ended.
create table inbound (
    id uuid primary key,             -- event id of MessageSanitized
    conversation text not null,
    received_at timestamptz,         -- null: its end came first
    ended_at timestamptz
);
create index inbound_open on inbound (received_at) where ended_at is null;

create table turns (
    id uuid primary key,
    conversation text not null,
    opened_at timestamptz,
    closed_at timestamptz,
    outcome text,
    reason text,
    route text,
    window_s double precision,
    work_s double precision
);
create index turns_conversation on turns (conversation);

create table leads (
    conversation text primary key,
    lead jsonb not null,
    updated_at timestamptz not null,
    qualified_at timestamptz
);

create table visits (
    id uuid primary key,
    conversation text,               -- null: only its outcome is known yet
    start timestamptz,
    status text,
    version int not null default 0,
    changed_at timestamptz,
    reminded_at timestamptz,
    reminded_start timestamptz,      -- the time that the reminder was for
    outcome text,
    outcome_at timestamptz
);
create index visits_conversation on visits (conversation);

-- Times at which a visit once was.
create table visit_moves (
    id uuid primary key,
    visit_id uuid not null,
    conversation text not null,
    start timestamptz not null,
    moved_at timestamptz not null
);
create index visit_moves_conversation on visit_moves (conversation);

-- Slots that parents chose; settled when calendar said yes or no.
create table visit_requests (
    id uuid primary key,             -- event id of BookingRequested
    conversation text,
    start timestamptz,
    requested_at timestamptz,
    settled_at timestamptz
);
create index visit_requests_conversation on visit_requests (conversation);

create table handoffs (
    id uuid primary key,             -- event id of HandoffRequested
    conversation text not null,
    phone text,
    reason text not null,
    pack jsonb not null,
    opened_at timestamptz not null
);
create index handoffs_conversation on handoffs (conversation, opened_at);
create index handoffs_opened on handoffs (opened_at);

-- What the unit's people did about a conversation.
create table staff_acts (
    id uuid primary key,
    conversation text not null,
    act text not null check (act in ('took', 'released')),
    staff text not null,
    at timestamptz not null
);
create index staff_acts_conversation on staff_acts (conversation, at);

-- A handoff is over when the conversation is the assistant's again, or when a newer handoff took its place; an act
-- belongs to the handoff that was the newest one then.
create view handoff_states as
select h.*, took.staff as taken_by, took.at as taken_at,
    case when next.at is not null or p.owner = 'assistant' then 'released'
        when took.at is not null then 'taken'
        else 'open' end as status
from handoffs h
join persons p using (conversation)
left join lateral (select min(n.opened_at) as at from handoffs n
    where n.conversation = h.conversation and n.opened_at > h.opened_at) next on true
left join lateral (select a.staff, a.at from staff_acts a
    where a.conversation = h.conversation and a.act = 'took'
        and a.at >= h.opened_at and a.at < coalesce(next.at, 'infinity')
    order by a.at desc limit 1) took on true;

create table channels (
    instance text primary key,
    state text not null,
    changed_at timestamptz not null
);
