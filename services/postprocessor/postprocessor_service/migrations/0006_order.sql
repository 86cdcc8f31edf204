-- The reply that goes before a bubble's, where that was not over when the bubble came, and until when it is waited for.
-- Not in `reply`: the version before reads whole rows of that, and a column more would cost it a statement each.
alter table bubble add column follows uuid, add column held_until timestamptz;
