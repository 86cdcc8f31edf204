-- What was counted of each day that is over (docs/adr/0022): what a day is counted from is kept for good, so a day is
-- counted once, and again only after something of it changed. `sums` are decimals as text, `fine` goes with `ended`.
create table day_counts (
    day date primary key,
    sums jsonb not null,
    contacts text[] not null,        -- who wrote
    ended text[] not null,           -- conversations with a turn
    fine boolean[] not null,         -- whether the last turn of each was no failure
    booked text[] not null,          -- conversations with a visit booked
    hours int[] not null,            -- messages of parents by hour
    intents jsonb not null           -- how often each was meant
);

-- Days that must be counted again. Whoever writes only adds here, so nobody waits for anybody.
create table days_changed (day date not null);

-- An hour to each side: a turn, its answer and what it was asked may lie on both sides of midnight. Each is one statement
-- that calls no other function, since a message changes a dozen rows.
create function message_changed() returns trigger language plpgsql set search_path = frontdesk, pg_temp as $$ begin
    insert into days_changed select day from day_counts kept
    where day between ((least(old.at, new.at) - interval '1 hour') at time zone 'America/Sao_Paulo')::date
            and ((greatest(old.at, new.at) + interval '1 hour') at time zone 'America/Sao_Paulo')::date
        and not exists (select from days_changed known where known.day = kept.day);
    return null;
end $$;
create function inbound_changed() returns trigger language plpgsql set search_path = frontdesk, pg_temp as $$ begin
    insert into days_changed select day from day_counts kept
    where day between ((least(old.received_at, new.received_at) - interval '1 hour') at time zone 'America/Sao_Paulo')::date
            and ((greatest(old.received_at, new.received_at) + interval '1 hour') at time zone 'America/Sao_Paulo')::date
        and not exists (select from days_changed known where known.day = kept.day);
    return null;
end $$;
create function turn_changed() returns trigger language plpgsql set search_path = frontdesk, pg_temp as $$ begin
    insert into days_changed select day from day_counts kept
    where day between ((least(old.closed_at, new.closed_at) - interval '1 hour') at time zone 'America/Sao_Paulo')::date
            and ((greatest(old.closed_at, new.closed_at) + interval '1 hour') at time zone 'America/Sao_Paulo')::date
        and not exists (select from days_changed known where known.day = kept.day);
    return null;
end $$;
create function lead_changed() returns trigger language plpgsql set search_path = frontdesk, pg_temp as $$ begin
    insert into days_changed select day from day_counts kept
    where day between ((least(old.qualified_at, new.qualified_at) - interval '1 hour') at time zone 'America/Sao_Paulo')::date
            and ((greatest(old.qualified_at, new.qualified_at) + interval '1 hour') at time zone 'America/Sao_Paulo')::date
        and not exists (select from days_changed known where known.day = kept.day);
    return null;
end $$;
create function visit_changed() returns trigger language plpgsql set search_path = frontdesk, pg_temp as $$ begin
    insert into days_changed select day from day_counts kept
    where day between ((least(old.booked_at, new.booked_at) - interval '1 hour') at time zone 'America/Sao_Paulo')::date
            and ((greatest(old.booked_at, new.booked_at) + interval '1 hour') at time zone 'America/Sao_Paulo')::date
        and not exists (select from days_changed known where known.day = kept.day);
    insert into days_changed select day from day_counts kept
    where day between ((least(old.start, new.start) - interval '1 hour') at time zone 'America/Sao_Paulo')::date
            and ((greatest(old.start, new.start) + interval '1 hour') at time zone 'America/Sao_Paulo')::date
        and not exists (select from days_changed known where known.day = kept.day);
    return null;
end $$;
-- Of questions to the AI, and of claims.
create function cost_changed() returns trigger language plpgsql set search_path = frontdesk, pg_temp as $$ begin
    insert into days_changed select day from day_counts kept
    where day between ((least(old.at, new.at) - interval '1 hour') at time zone 'America/Sao_Paulo')::date
            and ((greatest(old.at, new.at) + interval '1 hour') at time zone 'America/Sao_Paulo')::date
        and not exists (select from days_changed known where known.day = kept.day);
    return null;
end $$;
create function mark_changed() returns trigger language plpgsql set search_path = frontdesk, pg_temp as $$ begin
    insert into days_changed select day from day_counts kept, messages m
    where m.instance = coalesce(new.instance, old.instance) and m.channel_id = coalesce(new.channel_id, old.channel_id)
        and day between ((m.at - interval '1 hour') at time zone 'America/Sao_Paulo')::date
            and ((m.at + interval '1 hour') at time zone 'America/Sao_Paulo')::date
        and not exists (select from days_changed known where known.day = kept.day);
    return null;
end $$;
create function reply_changed() returns trigger language plpgsql set search_path = frontdesk, pg_temp as $$ begin
    insert into days_changed select day from day_counts kept, messages m
    where m.reply_id = coalesce(new.reply_id, old.reply_id)
        and day between ((m.at - interval '1 hour') at time zone 'America/Sao_Paulo')::date
            and ((m.at + interval '1 hour') at time zone 'America/Sao_Paulo')::date
        and not exists (select from days_changed known where known.day = kept.day);
    insert into days_changed select day from day_counts kept, turns t
    where t.id in (old.turn_id, new.turn_id)
        and day between ((t.closed_at - interval '1 hour') at time zone 'America/Sao_Paulo')::date
            and ((t.closed_at + interval '1 hour') at time zone 'America/Sao_Paulo')::date
        and not exists (select from days_changed known where known.day = kept.day);
    return null;
end $$;
-- Who is who: what was said while only the LID was known is another person's from now on.
create function person_changed() returns trigger language plpgsql set search_path = frontdesk, pg_temp as $$ begin
    insert into days_changed select day from day_counts kept, people alias join messages m using (conversation)
    where alias.lid in (old.lid, new.lid) and alias.phone is null
        and day between ((m.at - interval '1 hour') at time zone 'America/Sao_Paulo')::date
            and ((m.at + interval '1 hour') at time zone 'America/Sao_Paulo')::date
        and not exists (select from days_changed known where known.day = kept.day);
    return null;
end $$;

create trigger messages_day after insert or delete on messages for each row execute function message_changed();
create trigger messages_day_again after update on messages for each row
    when (old is distinct from new) execute function message_changed();
create trigger inbound_day after insert or update or delete on inbound for each row execute function inbound_changed();
create trigger turns_day after insert or update or delete on turns for each row execute function turn_changed();
create trigger leads_day after insert or delete on leads for each row execute function lead_changed();
create trigger leads_day_again after update on leads for each row
    when (old.qualified_at is distinct from new.qualified_at) execute function lead_changed();
create trigger visits_day after insert or update or delete on visits for each row execute function visit_changed();
create trigger completions_day after insert or update or delete on completions
    for each row execute function cost_changed();
create trigger claims_day after insert or update or delete on blocked_claims
    for each row execute function cost_changed();
create trigger marks_day after insert or delete on channel_marks for each row execute function mark_changed();
create trigger marks_day_again after update on channel_marks for each row
    when (old.rank is distinct from new.rank) execute function mark_changed();
create trigger replies_day after insert or update or delete on replies for each row execute function reply_changed();
create trigger people_day after insert or delete on people for each row execute function person_changed();
create trigger people_day_again after update on people for each row
    when ((old.phone, old.lid) is distinct from (new.phone, new.lid)) execute function person_changed();

-- Functions find our tables whatever the caller's path is.
alter function message_status(int) set search_path = frontdesk, pg_temp;
alter function plain(text) set search_path = frontdesk, pg_temp;
alter function words_of(text) set search_path = frontdesk, pg_temp;
alter function keep_found_by() set search_path = frontdesk, pg_temp;
