-- The same words, by functions whose plans a session keeps: one in plain SQL is parsed and planned again whenever a
-- trigger calls it, which made a new conversation three times as dear to PostgreSQL.
create or replace function plain(said text) returns text language plpgsql immutable parallel safe
    set search_path = frontdesk, pg_temp as $$ begin
    return regexp_replace(lower(translate(said, 'áàâãäéèêëíìîïóòôõöúùûüçñÁÀÂÃÄÉÈÊËÍÌÎÏÓÒÔÕÖÚÙÛÜÇÑ',
        'aaaaaeeeeiiiiooooouuuucnaaaaaeeeeiiiiooooouuuucn')), '[^a-z0-9]+', ' ', 'g');
end $$;

create or replace function words_of(whose text) returns tsvector language plpgsql stable
    set search_path = frontdesk, pg_temp as $$ begin
    return (select array_to_tsvector(array_remove(string_to_array(plain(concat_ws(' ', p.profile_name,
        substr(p.phone, 2), right(p.phone, 11), right(p.phone, 9), right(p.phone, 8), right(p.phone, 4),
        l.lead->>'parent_name', l.lead->>'email', jsonb_path_query_array(l.lead, '$.students[*].name')::text)), ' '), ''))
    from people p left join leads l using (conversation) where p.conversation = whose);
end $$;

-- A lead without a name or an address is found by nothing of its own, and most that change keep theirs.
drop trigger leads_found_by on leads;
create trigger leads_found_by after delete on leads for each row execute function keep_found_by();
create trigger leads_named after insert on leads for each row
    when (coalesce(new.lead->>'parent_name', new.lead->>'email') is not null
        or jsonb_path_exists(new.lead, '$.students[*].name ? (@ != null)'))
    execute function keep_found_by();
drop trigger leads_renamed on leads;
create trigger leads_renamed after update on leads for each row
    when ((old.lead->'parent_name', old.lead->'email', jsonb_path_query_array(old.lead, '$.students[*].name'))
        is distinct from
        (new.lead->'parent_name', new.lead->'email', jsonb_path_query_array(new.lead, '$.students[*].name')))
    execute function keep_found_by();
