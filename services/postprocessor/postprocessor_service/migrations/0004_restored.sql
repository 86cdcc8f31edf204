-- A backup that was restored knows nothing of what was sent after it was made (`since`). Until a while after the first
-- reply (`until`; null: there was none yet) every bubble of the assistant is therefore looked for before it is sent.
create table restored (
    since timestamptz not null,
    until timestamptz
);
