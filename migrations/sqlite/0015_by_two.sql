-- The first of two persons to approve a case.
create table first_approvals (
    -- identity | face | payment
    desk TEXT not null,
    -- the check, or the registration
    case_id INTEGER not null,
    -- of a registration the version that was approved, else 0
    version INTEGER not null,
    staff INTEGER not null references staff (id),
    at INTEGER not null,
    primary key (desk, case_id)
);
