-- A second factor (RFC 6238) for whoever wants one; `otp_used` is the last time step that opened, so that a code that
-- somebody saw over a shoulder is worth nothing. Somebody who has left the unit is disabled, and stays in the audit.
alter table users
    add column otp_secret text,
    add column otp_used bigint not null default 0,
    add column disabled_at timestamptz;

-- Every sign-in that is still good, to be ended by whoever it belongs to, or by the owner.
create table logins (
    id uuid primary key,
    username text not null references users on delete cascade,
    via text not null check (via in ('page', 'api')),
    address text not null,
    agent text not null,
    opened_at timestamptz not null default clock_timestamp(),
    ended_at timestamptz
);
create index logins_username on logins (username);

-- Who saw and did what. People are named by their conversation, never by phone: what is erased stays erased.
create table audit (
    id bigint generated always as identity primary key,
    at timestamptz not null default clock_timestamp(),
    username text not null,
    act text not null,
    about text,
    address text not null
);
create index audit_username on audit (username, at);
create index audit_at on audit (at);
