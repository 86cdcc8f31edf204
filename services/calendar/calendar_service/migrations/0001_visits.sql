-- Visits of families to the unit. Nobody else's schema reads this; the facts say what others need.

create table visits (
    id uuid primary key,
    conversation text not null,
    during tstzrange not null check (lower(during) < upper(during)),
    status text not null default 'booked' check (status in ('booked', 'cancelled', 'came', 'missed')),
    version int not null default 1 check (version >= 1),
    contact jsonb not null,
    lead jsonb not null,
    -- The last word on "two visits in one slot": no code path, staff or race can write one.
    constraint one_visit_at_a_time exclude using gist (during with &&) where (status <> 'cancelled')
);
create index visits_of_a_conversation on visits (conversation);

-- What was just offered to whom; it only keeps slots out of other conversations' offers.
create table holds (
    conversation text not null,
    start timestamptz not null,
    until timestamptz not null,
    primary key (conversation, start)
);
