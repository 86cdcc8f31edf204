-- An erasure is told from what came after it for good, not for a minute: by chains of facts, whose names say nothing.
alter table erased add column back boolean not null default false;  -- they wrote, or were written to, again

-- What was caused by something that was erased is erased, too, whenever it comes.
create table erased_chains (
    correlation uuid primary key,
    at timestamptz not null
);
