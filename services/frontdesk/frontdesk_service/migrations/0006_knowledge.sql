-- What families asked and nothing answered, and what the unit taught then.
create table gaps (
    id uuid primary key,
    conversation text not null,
    question text not null,
    asked_at timestamptz not null
);
create index gaps_conversation on gaps (conversation);

create table answers (
    id uuid primary key,
    question text not null,
    answer text not null,
    taught_by text not null,
    answered_at timestamptz not null,
    expires_at timestamptz
);
