-- What is to be sent, what was, and what the channel said about it. Nobody else's schema reads this.

-- Whose a conversation is: moments, not a state, so that facts may come in any order. `version` changes with them.
create table conversation (
    id text primary key,
    staff_at timestamptz,      -- somebody at the unit last acted
    handoff_at timestamptz,    -- last handed over to the unit
    released_at timestamptz,   -- last given back to the assistant
    version int not null default 0,
    paced_at timestamptz       -- virtual time of the last message to this person (GCRA)
);

-- The names under which the channel may speak of a person (canonical JIDs, phones, LIDs).
create table alias (
    name text not null,
    conversation text not null,
    primary key (name, conversation)
);
create index alias_of_a_conversation on alias (conversation);

create table reply (
    id uuid primary key,
    conversation text not null,
    author text not null check (author in ('assistant', 'staff')),
    purpose text not null,
    turn_id uuid,
    instance text not null,
    contact jsonb not null,
    answers text[] not null,       -- the channel's ids of the messages that it answers
    bubbles int not null check (bubbles > 0),
    drafted_at timestamptz not null,
    expires_at timestamptz,        -- null: never
    -- The event that brought it; what becomes of the reply is derived from that.
    event_id uuid not null,
    correlation_id uuid not null,
    traceparent text
);
create index reply_drafted on reply (drafted_at);

create table bubble (
    reply_id uuid not null references reply on delete cascade,
    nth int not null check (nth >= 0),
    conversation text not null,
    instance text not null,
    state text not null default 'queued',
    text text,                     -- gone once it is sent or failed
    fingerprint text not null,
    attempts int not null default 0 check (attempts >= 0),
    looks int not null default 0 check (looks >= 0),
    due_at timestamptz not null,   -- queued: not before; unknown: next look
    began_at timestamptz,          -- the last attempt, on the system's clock
    lease_until timestamptz,       -- sending: on the database's clock, so that moving the system's frees nothing
    channel_id text,               -- while sending: what the channel's echo told us, before its answer did
    sent_at timestamptz,
    reason text,
    primary key (reply_id, nth),
    constraint whole_states check (case state
        when 'queued' then text is not null and lease_until is null and channel_id is null and sent_at is null
            and reason is null
        when 'sending' then text is not null and began_at is not null and lease_until is not null and attempts > 0
            and sent_at is null and reason is null
        when 'unknown' then text is not null and began_at is not null and lease_until is null and channel_id is null
            and attempts > 0 and sent_at is null and reason is null
        when 'sent' then text is null and lease_until is null and channel_id is not null and sent_at is not null
            and reason is null
        when 'delivered' then text is null and lease_until is null and channel_id is not null
            and sent_at is not null and reason is null
        when 'read' then text is null and lease_until is null and channel_id is not null and sent_at is not null
            and reason is null
        when 'failed' then text is null and lease_until is null and reason is not null
            and (channel_id is null) = (sent_at is null)
        else false end)
);
-- One message of the channel is one bubble of ours, whoever claims it.
create unique index one_claim_a_message on bubble (instance, channel_id) where channel_id is not null;
-- Two copies never send to one person at once.
create unique index one_at_a_time on bubble (conversation) where state = 'sending';
create index bubble_open on bubble (conversation) where state in ('queued', 'sending', 'unknown');

-- What the channel said about a message before we knew that it is ours; also what we wait on, so that a receipt and
-- the answer that it overtook always meet. Ranks: 1 sent, 2 error, 3 delivered, 4 read.
create table receipt (
    instance text not null,
    channel_id text not null,
    rank int not null check (rank between 1 and 4),
    at timestamptz not null,
    primary key (instance, channel_id)
);
create index receipt_at on receipt (at);

-- When the unit's number may send its next message.
create table pace (
    instance text primary key,
    next_at timestamptz not null
);
