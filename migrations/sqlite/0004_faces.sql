-- faces as numbers: only where the school has switched the search over stored faces on

-- one row: counts the changes to face_templates; whoever writes there holds it, so that changes are committed in their order
create table face_template_head (
    id INTEGER primary key,
    seq INTEGER not null
);
insert into face_template_head (id, seq) values (1, 0);

create table face_templates (
    account INTEGER primary key references accounts (id),
    -- of the newest change
    seq INTEGER not null,
    -- null: deleted; the row stays so that every process hears of it
    template_enc BLOB,
    changed_at INTEGER not null,
    expires_at INTEGER not null
);
create index face_templates_seq on face_templates (seq, account);
create index face_templates_expiry on face_templates (expires_at) where template_enc is not null;

-- whose stored face the face of a check is like
create table face_matches (
    check_id INTEGER not null references face_checks (id),
    account INTEGER not null references accounts (id),
    -- ten-thousandths
    similarity INTEGER not null,
    primary key (check_id, account)
);
create index face_matches_account on face_matches (account);

-- codes for one registration, given out by staff who have seen the person
create table face_codes (
    id INTEGER primary key,
    registration INTEGER not null references registrations (id),
    code_hash BLOB not null,
    issued_by INTEGER not null,
    -- wrong ones
    tries INTEGER not null,
    created_at INTEGER not null,
    expires_at INTEGER not null,
    -- used, replaced by a newer one, or tried too often
    closed_at INTEGER
);
create index face_codes_registration on face_codes (registration, id);
