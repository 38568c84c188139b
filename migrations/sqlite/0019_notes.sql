-- What staff note about a registration, for one another.

create table registration_notes (
    id INTEGER primary key,
    registration INTEGER not null references registrations (id),
    at INTEGER not null,
    staff INTEGER not null references staff (id),
    -- as it was then
    staff_name TEXT not null,
    body TEXT not null
);
create index registration_notes_registration on registration_notes (registration, id);
