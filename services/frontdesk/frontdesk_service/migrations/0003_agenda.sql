-- The week's page reads visits by time, and names families that nobody but the unit knows.
alter table visits add column ends timestamptz;
alter table visits add column lead jsonb;
create index visits_start on visits (start);
