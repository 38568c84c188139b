-- The first of two persons to approve a case.
create table first_approvals (
    -- identity | face | payment
    desk TEXT not null,
    -- the check, or the registration
    case_id BIGINT not null,
    -- of a registration the version that was approved, else 0
    version BIGINT not null,
    staff BIGINT not null references staff (id),
    at BIGINT not null,
    primary key (desk, case_id)
);
