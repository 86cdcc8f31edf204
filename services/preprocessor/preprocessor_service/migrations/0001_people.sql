-- Who has written, and under which names WhatsApp showed them. Nobody else's schema reads this.

-- A LID stands for an account; its phone is learned from any message that shows both.
create table aliases (
    lid text primary key,
    phone text not null,
    learned_at timestamptz not null
);
create index aliases_of_a_phone on aliases (phone);

create table contacts (
    conversation text primary key,
    phone text,
    lid text,
    profile_name text,
    first_seen timestamptz not null,
    last_seen timestamptz not null,
    -- The first message that was worked on: the one that is a first contact.
    first_message uuid,
    -- When this person was last told that they write too much.
    told_at timestamptz,
    check (phone is not null or lid is not null),
    check (first_seen <= last_seen)
);
create index contacts_by_phone on contacts (phone);
