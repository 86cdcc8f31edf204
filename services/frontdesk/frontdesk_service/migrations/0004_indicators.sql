-- What the owner's numbers are counted from. Times are found by BRIN indexes: rows come in about the order of time, and
-- keeping a B-tree would cost every message.
alter table inbound add column turn_id uuid, add column first_contact boolean not null default false;
alter table turns add column intents text[] not null default '{}';
alter table messages add column turn_id uuid;
alter table replies add column turn_id uuid;
alter table visits add column booked_at timestamptz;
create index inbound_received on inbound using brin (received_at);
create index turns_closed on turns using brin (closed_at);
create index messages_at on messages using brin (at);
create index replies_failed on replies (turn_id) where failure is not null;
create index visits_booked on visits (booked_at);
create index leads_qualified on leads (qualified_at);

-- Every answer, or refusal, of the AI gateway.
create table completions (
    id uuid primary key,
    conversation text not null,
    at timestamptz not null,
    task text not null,
    model text,
    refusal text,
    cached boolean not null,
    brl numeric(12, 6) not null
);
create index completions_at on completions using brin (at);

-- Claims that no fact bears out, as review found and replaced them.
create table blocked_claims (
    id uuid primary key,
    conversation text not null,
    reply_id uuid not null,
    bubble int not null,
    claim text not null,
    at timestamptz not null
);
create index blocked_claims_at on blocked_claims (at);

-- Who is who: while only a LID was known, a person had a conversation under it.
create view contacts as
select p.conversation, coalesce((select min(known.conversation) from people known
    where known.lid = p.lid and known.phone is not null and p.phone is null), p.conversation) as contact
from people p;

-- A turn ended by an error: nothing could be said, or what was said did not leave for a reason that is ours.
create view turn_ends as
select t.*, t.reason is not distinct from 'failure' or exists (select from replies r where r.turn_id = t.id
    and r.failure in ('expired', 'rejected', 'instance_missing', 'exhausted')) as failed
from turns t where closed_at is not null;

-- How far what we sent got; `failed` only when nothing shows that it arrived all the same.
create view outgoing as
select m.at, m.sent_at is not null as sent, reach.rank >= 4 as delivered, reach.rank = 5 as read, reach.rank = 3 as failed
from messages m
left join channel_marks mark on mark.instance = m.instance and mark.channel_id = m.channel_id
left join replies r on r.reply_id = m.reply_id
cross join lateral (select greatest(m.rank, mark.rank, case when r.read_at is not null then 5 end,
    case when m.channel_id is null and r.failure in ('rejected', 'instance_missing', 'exhausted') then 3 end) as rank) reach
where m.direction = 'out' and m.reply_id is not null and m.author is not null;

-- Which shape of the read model the rows have; a newer one is made from the facts.
create table read_model (version int not null);
insert into read_model select case when exists (select from facts) then 1 else 2 end;
