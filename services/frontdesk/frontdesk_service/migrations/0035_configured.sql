-- The password that the configuration last gave, as a hash: one that somebody chose since stays until that changes.
alter table users add column given_hash text;
