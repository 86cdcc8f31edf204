-- What somebody must know: one row from the moment a condition began until it ended, and what was told of it.
create table alerts (
    id uuid primary key,
    condition text not null,
    severity text not null check (severity in ('critical', 'warning', 'info')),
    value double precision not null,
    raised_at timestamptz not null,
    seen_at timestamptz not null,     -- last time that the condition held
    times int not null default 1,     -- how often it came back before it was settled
    cleared_at timestamptz,
    told_at timestamptz,              -- last time that it was sent to somebody
    told_cleared boolean not null default false,
    acknowledged_by text,
    acknowledged_at timestamptz
);
create unique index one_open_alert_a_condition on alerts (condition) where cleared_at is null;
create index alerts_raised on alerts (raised_at);
