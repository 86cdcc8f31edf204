-- Times that the unit's people keep free.
create table blocks (
    id uuid primary key,
    during tstzrange not null check (lower(during) < upper(during)),
    name text not null default ''
);

-- What else is in the unit's Google Calendar, as last imported: times at which nobody can be received.
create table google_busy (
    event_id text primary key,
    during tstzrange not null check (lower(during) < upper(during)),
    title text
);
create index google_busy_during on google_busy using gist (during);

-- Changes whenever anything above or a visit does, so that every copy sees that what it has in memory is old. Values of
-- a sequence never come back, not even after a transaction that was given up.
create sequence change_serial;
create table changes (serial bigint not null);
insert into changes values (nextval('change_serial'));

create function note_change() returns trigger language plpgsql set search_path from current as $$
begin
    update changes set serial = nextval('change_serial');
    return null;
end $$;
create trigger visits_changed after insert or update or delete on visits execute function note_change();
create trigger blocks_changed after insert or update or delete on blocks execute function note_change();
create trigger google_busy_changed after insert or update or delete on google_busy execute function note_change();

-- What Google is to show of each visit. The row outlives the visit until the event is gone there, too.
create table projections (
    visit_id uuid primary key,
    shown int not null default 0 check (shown >= 0),   -- version of the visit that Google shows; 0: none yet
    changes bigint not null default 1,                 -- grows with the visit's changes: one made meanwhile is seen
    stale boolean not null default true,
    due_at timestamptz not null default '-infinity'    -- a visit that Google refuses is tried again then
);
create index projections_stale on projections (due_at) where stale;

create function note_projection() returns trigger language plpgsql set search_path from current as $$
begin
    insert into projections as known (visit_id) values (coalesce(new.id, old.id))
    on conflict (visit_id) do update set changes = known.changes + 1, stale = true, due_at = '-infinity';
    return null;
end $$;
create trigger visits_to_show after insert or update or delete on visits for each row execute function note_projection();
insert into projections (visit_id) select id from visits;

-- How far the import from Google is.
create table google_sync (
    calendar_id text primary key,
    token text not null,
    full_at timestamptz not null
);
