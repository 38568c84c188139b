-- Many registrations decided at once: what was chosen, and what became of each.
create table bulk_reviews (
    id INTEGER primary key,
    ref TEXT not null unique,
    staff INTEGER not null references staff (id),
    -- where they sat
    address TEXT not null,
    exam INTEGER not null references exams (id),
    -- 1: approved, 0: sent back
    approves INTEGER not null,
    reason TEXT not null,
    -- open | done | cancelled
    state TEXT not null,
    created_at INTEGER not null,
    starts_at INTEGER not null
);
create index bulk_reviews_staff on bulk_reviews (staff, id);
create index bulk_reviews_exam on bulk_reviews (exam);
create table bulk_review_items (
    bulk INTEGER not null references bulk_reviews (id),
    place INTEGER not null,
    registration INTEGER not null references registrations (id),
    -- as it was seen
    version INTEGER not null,
    -- null: not yet; '': done; else why it was not
    outcome TEXT,
    primary key (bulk, place)
);
create index bulk_review_items_registration on bulk_review_items (registration);
