-- The code to scan while WhatsApp asks for it, and channels that take no messages, with who waits for one.
alter table channels add column qr text, add column qr_at timestamptz;

create table outages (
    channel text primary key,
    began_at timestamptz not null,
    ended_at timestamptz,
    told_at timestamptz not null,
    waiting jsonb not null            -- [{"conversation", "since", "bubbles"}], longest first
);
