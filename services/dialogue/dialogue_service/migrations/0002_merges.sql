-- Conversations that turned out to be one person's, as both were before: nothing that somebody told is lost, and who
-- was taken for the same person by mistake can be parted again (README).
create table merges (
    event_id uuid primary key,
    merged text not null,
    "into" text not null,
    at timestamptz not null,
    merged_state jsonb,
    into_state jsonb
);
create index merges_merged on merges (merged, at desc);
create index merges_into on merges ("into");
