-- Tables that every service with a store has, in its own schema.
-- due_at is the system's (movable) clock; held_until is the database's own, so that moving the clock frees nothing.

create table inbox (
    event_id uuid primary key,
    at timestamptz not null default clock_timestamp()
);
create index inbox_at on inbox (at);

create table outbox (
    event_id uuid primary key,
    fact text not null,
    body bytea not null,
    due_at timestamptz not null,
    held_until timestamptz not null,
    attempts int not null default 0,
    key text unique
);
create index outbox_due on outbox (due_at);

create sequence timer_arming;
create table timer (
    name text not null,
    key text not null,
    due_at timestamptz not null,
    held_until timestamptz not null default '-infinity',
    attempts int not null default 0,
    arming bigint not null default nextval('timer_arming'),
    payload jsonb not null default '{}',
    primary key (name, key)
);
create index timer_due on timer (due_at);
