-- Whose facts must not come back: what is still on its way of a conversation that was erased is not taken.
create table erased (
    conversation text primary key,
    at timestamptz not null
);

-- What is kept of an erased person: that there was one, and how much.
create table erasures (
    id uuid primary key,
    at timestamptz not null,
    asked_by text not null,
    messages int not null,
    visits int not null
);
