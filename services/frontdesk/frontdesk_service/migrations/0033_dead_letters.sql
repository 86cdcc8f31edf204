-- What no service could handle, as the broker showed it last.
create table dead_letters (
    queue text primary key,
    letters int not null
);
