-- The live day is counted anew whenever somebody looks, so its rows are found by B-trees. A BRIN index costs a message
-- less, but it names whole ranges of pages: new rows take the places that old ones left, and of the newest ranges it
-- knows nothing until a vacuum comes by, which may be months. A year on, a day would be read from half the table.
create index messages_by_time on messages (at);
create index messages_drafted on messages (drafted_at) where author = 'assistant';
create index inbound_by_time on inbound (received_at);
create index turns_by_time on turns (closed_at);
create index completions_by_time on completions (at);
drop index messages_at;
drop index inbound_received;
drop index turns_closed;
drop index completions_at;

-- A bubble is counted on the day of its draft, however much later it was sent, and whichever of both is told first.
create or replace function message_changed() returns trigger language plpgsql set search_path = frontdesk, pg_temp as $$ begin
    insert into days_changed select day from day_counts kept
    where day between ((least(old.at, new.at, old.drafted_at, new.drafted_at) - interval '1 hour')
                at time zone 'America/Sao_Paulo')::date
            and ((greatest(old.at, new.at) + interval '1 hour') at time zone 'America/Sao_Paulo')::date
        and not exists (select from days_changed known where known.day = kept.day);
    return null;
end $$;
