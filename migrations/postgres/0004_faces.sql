-- faces as numbers: only where the school has switched the search over stored faces on

-- one row: counts the changes to face_templates; whoever writes there holds it, so that changes are committed in their order
create table face_template_head (
    id BIGINT primary key,
    seq BIGINT not null
);
insert into face_template_head (id, seq) values (1, 0);

create table face_templates (
    account BIGINT primary key references accounts (id),
    -- of the newest change
    seq BIGINT not null,
    -- null: deleted; the row stays so that every process hears of it
    template_enc BYTEA,
    changed_at BIGINT not null,
    expires_at BIGINT not null
);
create index face_templates_seq on face_templates (seq, account);
create index face_templates_expiry on face_templates (expires_at) where template_enc is not null;

-- whose stored face the face of a check is like
create table face_matches (
    check_id BIGINT not null references face_checks (id),
    account BIGINT not null references accounts (id),
    -- ten-thousandths
    similarity BIGINT not null,
    primary key (check_id, account)
);
create index face_matches_account on face_matches (account);

-- codes for one registration, given out by staff who have seen the person
create table face_codes (
    id BIGINT primary key,
    registration BIGINT not null references registrations (id),
    code_hash BYTEA not null,
    issued_by BIGINT not null,
    -- wrong ones
    tries BIGINT not null,
    created_at BIGINT not null,
    expires_at BIGINT not null,
    -- used, replaced by a newer one, or tried too often
    closed_at BIGINT
);
create index face_codes_registration on face_codes (registration, id);
