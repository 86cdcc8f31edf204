"""How old a fact is when its stage gives the next one, waiting and work, as the front desk's journal tells it.

To hear the facts on the broker while they are said would take a tenth of a processor from what is measured. What the
journal has not is in what it has: when a message reached ingress, and a reply was proposed (as its turn was closed).
"""

from collections import defaultdict
from datetime import datetime

import asyncpg

AGES = """with fact as (select *, data ->> 'turn_id' as turn from frontdesk.facts where time >= $1),
message as (select * from fact where type = 'preprocessor.message_sanitized.v1'),
closed as (select * from fact where type = 'dialogue.turn_closed.v1'),
drafted as (select * from fact where type = 'rules.reply_drafted.v1'),
delivered as (select * from fact where type = 'postprocessor.reply_delivered.v1'),
age as (
    select 'preprocessor' as stage, time - (data ->> 'received_at')::timestamptz as age from message
    union all select 'dialogue', closed.time - message.time from closed join message on message.id = closed.causation
    union all select 'rules', drafted.time - closed.time from drafted join closed using (turn)
    union all select 'postprocessor', delivered.time - drafted.time
        from delivered join drafted on drafted.id = delivered.causation
)
select stage, extract(epoch from age)::float8 as age_s from age"""


async def ages_s(database: asyncpg.Connection, since: datetime) -> dict[str, list[float]]:
    """Return the ages in seconds, by stage, of what was said since then."""
    ages = defaultdict[str, list[float]](list)
    for stage, age_s in await database.fetch(AGES, since):
        ages[stage].append(age_s)
    return dict(ages)
