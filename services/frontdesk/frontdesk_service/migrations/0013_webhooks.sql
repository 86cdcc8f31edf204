-- What another system is told of: one row for each event, until it took it or was given up.
create table webhook_deliveries (
    id uuid primary key,             -- event id of the fact
    kind text not null,
    conversation text not null,
    by text,
    at timestamptz not null,
    attempts int not null default 0,
    delivered_at timestamptz,
    dead_at timestamptz,
    failure text
);
create index webhook_deliveries_dead on webhook_deliveries (dead_at) where dead_at is not null;

-- What an alert is about beside its number: which services are down.
alter table alerts add column detail text;

-- Since when nobody reads a service's queues.
create table services_away (
    service text primary key,
    since timestamptz not null
);
