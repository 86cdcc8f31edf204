-- What WhatsApp takes outside the 24 hours after a person's last message: a template that it approved, and nothing else.
alter table reply add column template jsonb, add column last_inbound_at timestamptz;
-- Whether this bubble is to be sent as that template; its fingerprint is then that of what the channel records of it.
alter table bubble add column as_template boolean not null default false;
