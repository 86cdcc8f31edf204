-- Families with twelve messages each, one after another over a year: number n is the n-th family, `at` when it wrote last, number i the
-- i-th of its six turns. Two hundred of fifty thousand are the unit's.
-- No day is kept yet, so that nothing is to be noted.
alter table messages disable trigger messages_day;
alter table inbound disable trigger inbound_day;
alter table turns disable trigger turns_day;
alter table channel_marks disable trigger marks_day;

select setseed(0.5);

create temp table families as
select n, 'cnv_' || md5(n::text) as conversation, '+55519' || (80000000 + n) as phone,
    timestamptz ':now' - (:conversations - n + random()) * interval '365 days' / :conversations as at,
    (array['Ana','Bruno','Carla','Débora','Elisa','Fábio','Gabriela','Hugo','Inês','João','Karina','Luís'])[1 + n % 12]
        || ' ' || chr(65 + (n / 12) % 26) || lower(substr(md5('s' || n), 1, 6)) as name,
    (array['Pedro','Bia','Lucas','Sofia','Davi','Laura','Théo','Alice'])[1 + n % 8] as child
from generate_series(1, :conversations) as n;

create function pg_temp.moment_of(at timestamptz, turn int) returns timestamptz language sql immutable
    as $$ select at - (6 - turn) * interval '2 min' $$;

insert into people (conversation, phone, lid, profile_name, last_at, stage, stage_at, unit_at, heard_at, instance,
        address)
    select conversation, phone, case when n % 3 = 0 then n || '@lid' end, name, at, 'discovery', at,
        case when n % 250 = 0 then at end, at, 'kumon', jsonb_build_object('jid', substr(phone, 2) || '@s.whatsapp.net', 'phone', phone, 'lid', null) from families;

insert into people (conversation, lid, profile_name, last_at)
    select conversation || 'lid', n || '@lid', name, at - interval '1 hour' from families where n % 60 = 0;

insert into leads (conversation, lead, updated_at, qualified_at)
    select conversation, jsonb_build_object('parent_name', name, 'phone', phone, 'email', null, 'students',
        jsonb_build_array(jsonb_build_object('name', child, 'age', 8, 'grade', 'ef3', 'subjects', '["matematica"]'::jsonb,
        'is_self', false)), 'time_preference', null), at, case when n % 6 = 0 then at end from families where n % 5 > 0;

insert into turns (id, conversation, opened_at, closed_at, outcome, route, window_s, work_s, intents)
    select md5('t' || n || '.' || i)::uuid, conversation, moment, moment + interval '1 s', 'replied', 'template', .5, .1,
        array[(array['ask_price','ask_hours','ask_method','provide'])[1 + (n + i) % 4]]
    from families, generate_series(1, 6) i, pg_temp.moment_of(at, i) as moment;

insert into inbound (id, conversation, received_at, ended_at, turn_id, first_contact)
    select md5('i' || n || '.' || i)::uuid, conversation, moment, moment + interval '1 s', md5('t' || n || '.' || i)::uuid,
        i = 1 from families, generate_series(1, 6) i, pg_temp.moment_of(at, i) as moment;

insert into messages (id, conversation, direction, author, text, instance, channel_id, sent_at)
    select md5('i' || n || '.' || i)::uuid, conversation, 'in', 'parent', 'oi, queria saber do método', 'kumon',
        md5('k' || n || '.' || i), moment
    from families, generate_series(1, 6) i, pg_temp.moment_of(at, i) as moment;

insert into messages (id, conversation, direction, author, text, instance, channel_id, reply_id, drafted_at, sent_at,
        rank, turn_id)
    select md5('o' || n || '.' || i)::uuid, conversation, 'out', 'assistant', 'O Kumon respeita o ritmo de cada aluno.',
        'kumon', md5('q' || n || '.' || i), md5('r' || n || '.' || i)::uuid, moment, moment + interval '1 s', 2,
        md5('t' || n || '.' || i)::uuid
    from families, generate_series(1, 6) i, pg_temp.moment_of(at + interval '2 s', i) as moment;

insert into channel_marks (instance, channel_id, rank)
    select 'kumon', md5('q' || n || '.' || i), 5 from families, generate_series(1, 6) i;

insert into handoffs (id, conversation, phone, reason, pack, opened_at)
    select md5('h' || n)::uuid, conversation, phone, 'person_request',
        jsonb_build_object('summary', jsonb_build_array('Quer falar com uma pessoa.'), 'lead', jsonb_build_object(),
        'open_question', null, 'suggested_reply', 'Oi! Aqui é da unidade.'), at from families where n % 250 = 0;

insert into visits (id, conversation, start, ends, status, version, changed_at, booked_at, lead)
    select md5('v' || n)::uuid, conversation, date_trunc('hour', at) + interval '3 days',
        date_trunc('hour', at) + interval '3 days 30 min', 'booked', 1, at, at,
        jsonb_build_object('parent_name', name, 'students', '[]'::jsonb) from families where n % 8 = 0;

insert into completions (id, conversation, at, task, model, cached, brl)
    select md5('c' || n)::uuid, conversation, at, 'understand', 'gpt-4o-mini', false, 0.01 from families where n % 2 = 0;

insert into gaps (id, conversation, question, asked_at)
    select md5('g' || n)::uuid, conversation, 'tem ' || (array['estacionamento','piscina','van','cantina'])[1 + n % 4] || '?',
        at from families where n % 500 = 0;

insert into facts (id, type, source, subject, time, correlation, data)
    select md5('f' || n)::uuid, 'dialogue.turn_opened.v1', 'dialogue', conversation, at, md5('f' || n)::uuid, '{}'
    from families where n % 100 = 0;

alter table messages enable trigger messages_day;
alter table inbound enable trigger inbound_day;
alter table turns enable trigger turns_day;
alter table channel_marks enable trigger marks_day
