-- Which message each field of a lead came from last.
create table lead_evidence (
    conversation text not null,
    field text not null,
    student int not null,            -- -1: of the family
    message uuid not null,
    at timestamptz not null,
    primary key (conversation, field, student)
);
