-- People who may sign in; passwords only as argon2 hashes.
create table users (
    username text primary key,
    role text not null check (role in ('receptionist', 'owner', 'operator')),
    password_hash text not null,
    changed_at timestamptz not null default clock_timestamp()
);
