create table count (name text primary key, n int not null default 0);
