-- The list of conversations is read by time, those that are the unit's first.
create index people_last on people (last_at desc, conversation desc);
create index people_unit on people (last_at desc, conversation desc)
    where unit_at > coalesce(released_at, '-infinity');

-- What a conversation is found by: names, phone, e-mail. Kept by triggers and not by projections, since who somebody
-- is changes seldom, and a row of `people` with every message.
create table found_by (
    conversation text primary key,
    words tsvector not null
);
create index found_by_words on found_by using gin (words);

-- Without accents, capitals and punctuation.
create function plain(said text) returns text language sql immutable parallel safe
    return regexp_replace(lower(translate(said, 'áàâãäéèêëíìîïóòôõöúùûüçñÁÀÂÃÄÉÈÊËÍÌÎÏÓÒÔÕÖÚÙÛÜÇÑ',
        'aaaaaeeeeiiiiooooouuuucnaaaaaeeeeiiiiooooouuuucn')), '[^a-z0-9]+', ' ', 'g');

-- Whoever looks for a phone begins anywhere: at the country, at the area, with or without the ninth digit, or with the
-- last four.
create function words_of(whose text) returns tsvector language sql stable
    as $$ select array_to_tsvector(array_remove(string_to_array(plain(concat_ws(' ', p.profile_name,
        substr(p.phone, 2), right(p.phone, 11), right(p.phone, 9), right(p.phone, 8), right(p.phone, 4),
        l.lead->>'parent_name', l.lead->>'email', jsonb_path_query_array(l.lead, '$.students[*].name')::text)), ' '), ''))
    from people p left join leads l using (conversation) where p.conversation = whose $$;

create function keep_found_by() returns trigger language plpgsql as $$
declare
    whose text := coalesce(new.conversation, old.conversation);
begin
    delete from found_by where conversation = whose;
    insert into found_by select whose, words from words_of(whose) as words where words is not null;
    return null;
end $$;

create trigger people_found_by after insert or delete on people for each row execute function keep_found_by();
create trigger people_renamed after update on people for each row
    when ((old.phone, old.profile_name) is distinct from (new.phone, new.profile_name)) execute function keep_found_by();
create trigger leads_found_by after insert or delete on leads for each row execute function keep_found_by();
create trigger leads_renamed after update on leads for each row
    when (old.lead is distinct from new.lead) execute function keep_found_by();

insert into found_by select conversation, words_of(conversation) from people;
