-- Which period's report was mailed, so that each is once, whatever restarts in between.
create table reports (
    period text not null check (period in ('day', 'week', 'month')),
    begins timestamptz not null,
    sent_at timestamptz,
    primary key (period, begins)
);
