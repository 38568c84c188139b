-- Who may register for an exam; an exam without a row is for everybody.

create table exam_eligibility (
    exam BIGINT primary key references exams (id),
    -- only people of this roster; null: of none
    roster BIGINT references rosters (id),
    -- candidate types and majors, one a line; "": all
    candidate_types TEXT not null,
    majors TEXT not null,
    -- first and last date of birth, 1990-01-31; "": no limit
    born_from TEXT not null,
    born_until TEXT not null
);
create index exam_eligibility_roster on exam_eligibility (roster);
