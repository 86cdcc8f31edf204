-- What somebody at the unit wrote of a family, beside what the assistant gathered (`told`, null: as `lead`); `lead` is
-- both, and what was written goes before.
alter table leads
    add column told jsonb,
    add column typed jsonb not null default '{}';     -- {"email": {"value", "by", "at"}, "age:0": …}

create function newest_typed(one jsonb, other jsonb) returns jsonb language sql stable
    set search_path = frontdesk, pg_temp as $$
    select coalesce(jsonb_object_agg(key, value), '{}') from (
        select distinct on (key) key, value
        from (select * from jsonb_each(one) union all select * from jsonb_each(other)) as both_of_them
        order by key, (value->>'at')::timestamptz desc, value desc) as newest $$;

-- A value that was taken away is away until the assistant says what is known since then.
create function with_typed(told jsonb, typed jsonb, told_at timestamptz) returns jsonb language plpgsql stable
    set search_path = frontdesk, pg_temp as $$
declare
    whole jsonb := told;
    students jsonb;
    place text;
    entry jsonb;
    nth int;
begin
    for place, entry in select key, value from jsonb_each(typed) loop
        continue when entry->'value' in ('null', '[]') and (entry->>'at')::timestamptz <= told_at;
        if strpos(place, ':') = 0 then
            whole := jsonb_set(whole, array[place], entry->'value');
            continue;
        end if;
        nth := split_part(place, ':', 2)::int;
        students := coalesce(whole->'students', '[]');
        while jsonb_array_length(students) <= nth loop
            students := students || '[{}]';
        end loop;
        students := jsonb_set(students, array[nth::text, split_part(place, ':', 1)], entry->'value');
        whole := jsonb_set(whole, '{students}', students);
    end loop;
    return whole;
end $$;
