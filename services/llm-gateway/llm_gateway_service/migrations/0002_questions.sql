-- What a call was for, and until when somebody would settle it: one that is still open after that was lost in a crash.

alter table calls
    add column question uuid,
    add column conversation text,
    add column usd_brl numeric(12, 6),
    add column expires_at timestamptz not null default clock_timestamp();
create index calls_left_open on calls (expires_at) where brl is null;
create index calls_of_a_conversation on calls (conversation) where conversation is not null;

-- What was spent on what; `open` is still reserved, at its worst.
create view spend as
select day, task, provider, model, conversation,
    count(*) as calls, coalesce(sum(brl), 0) as brl, coalesce(sum(reserved) filter (where brl is null), 0) as open
from calls
group by day, task, provider, model, conversation;
