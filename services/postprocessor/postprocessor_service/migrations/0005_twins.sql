-- A bubble that was tried more than once may be more than one message: those beside `bubble.channel_id`.
create table twin (
    instance text not null,
    channel_id text not null,
    reply_id uuid not null,
    nth int not null,
    primary key (instance, channel_id),
    foreign key (reply_id, nth) references bubble on delete cascade
);
create index twin_of_a_bubble on twin (reply_id, nth);
-- When the first attempt began that had to be looked for; null: there was none.
alter table bubble add column doubted_from timestamptz;
-- Bubbles that were tried more often than there is a message known of them: an echo may be of one of these.
create index bubble_unaccounted on bubble (conversation) where attempts > (channel_id is not null)::int;
