-- What was spent on which São Paulo day, in BRL. A call is reserved at its worst before it is made, and settled after.

create table days (
    day date primary key,
    spent numeric(12, 6) not null default 0 check (spent >= 0),
    reserved numeric(12, 6) not null default 0 check (reserved >= 0),
    -- The thresholds that the owner has been told of.
    crossed numeric[] not null default '{}'
);

create table calls (
    id uuid primary key,
    day date not null references days,
    at timestamptz not null,
    task text not null,
    provider text not null,
    model text not null,
    reserved numeric(12, 6) not null check (reserved >= 0),
    -- What it cost in the end; unknown for ever when the process died meanwhile: then the reservation stands.
    brl numeric(12, 6) check (brl >= 0)
);
create index calls_of_a_day on calls (day);
