-- A bubble may be taken to another channel while its own is away: `instance` is where it is sent, `home` its own.
alter table bubble add column home text, add column may_move boolean not null default true;
-- Channels that do not take messages, since when, and how often that was said.
create table outage (
    channel text primary key,
    began_at timestamptz not null,
    told_at timestamptz,
    told int not null default 0
);
