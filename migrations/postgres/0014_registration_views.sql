-- What the lists of the console narrow registrations by: as it is on the account, and changed with it.
alter table registrations add column candidate_type TEXT not null default '';
alter table registrations add column major TEXT not null default '';
update registrations set
    candidate_type = (select candidate_type from accounts where accounts.id = registrations.account),
    major = (select major from accounts where accounts.id = registrations.account);
-- The other columns are there so that a list that is narrowed further looks at nothing but the index.
create index registrations_type on registrations (exam, candidate_type, id, state, subject);
create index registrations_major on registrations (exam, major, id, state, subject, candidate_type);

-- A list with its conditions and columns, under a name of somebody's own.
create table staff_views (
    id BIGINT primary key,
    ref TEXT not null unique,
    staff BIGINT not null references staff (id),
    name TEXT not null,
    -- as it stands in the address
    query TEXT not null,
    created_at BIGINT not null,
    unique (staff, name)
);
