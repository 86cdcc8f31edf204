-- One row a person. Whatever concerns a conversation (a message, the staff, the calendar, a turn's end) adds one to its
-- version; a turn saves only over the version that it was worked from, so of two that race one is done again.
-- unsaid: acts of a turn whose reply waits for the calendar. aliases: other names of the same conversation, since the
-- channel sometimes gives a person's LID and sometimes their phone.
create table conversations (
    id text primary key,
    version bigint not null default 1,
    state jsonb,
    unsaid jsonb not null default '[]',
    aliases text[] not null default '{}'
);
create index conversations_aliases on conversations using gin (aliases);

-- Every message, once (the primary key is their inbox mark), waiting until it has a turn.
create table mailbox (
    event_id uuid primary key,
    seq bigint generated always as identity,
    conversation text not null,
    instance text not null,
    channel_id text not null,
    sent_at timestamptz not null,
    arrived_at timestamptz not null,
    event jsonb not null,
    turn_id uuid
);
create index mailbox_waiting on mailbox (conversation) where turn_id is null;
create index mailbox_key on mailbox (instance, channel_id);
create index mailbox_worked on mailbox (arrived_at) where turn_id is not null;

-- What parents changed or took back. They may be reported before the message itself has come through the line.
create table amendments (
    instance text not null,
    channel_id text not null,
    text text,
    deleted boolean not null,
    at timestamptz not null,
    primary key (instance, channel_id)
);
create index amendments_at on amendments (at);
