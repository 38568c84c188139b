-- Many registrations decided at once: what was chosen, and what became of each.
create table bulk_reviews (
    id BIGINT primary key,
    ref TEXT not null unique,
    staff BIGINT not null references staff (id),
    -- where they sat
    address TEXT not null,
    exam BIGINT not null references exams (id),
    -- 1: approved, 0: sent back
    approves BIGINT not null,
    reason TEXT not null,
    -- open | done | cancelled
    state TEXT not null,
    created_at BIGINT not null,
    starts_at BIGINT not null
);
create index bulk_reviews_staff on bulk_reviews (staff, id);
create index bulk_reviews_exam on bulk_reviews (exam);
create table bulk_review_items (
    bulk BIGINT not null references bulk_reviews (id),
    place BIGINT not null,
    registration BIGINT not null references registrations (id),
    -- as it was seen
    version BIGINT not null,
    -- null: not yet; '': done; else why it was not
    outcome TEXT,
    primary key (bulk, place)
);
create index bulk_review_items_registration on bulk_review_items (registration);
