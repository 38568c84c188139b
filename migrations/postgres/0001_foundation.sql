-- Lower modules ----------------------------------------------------------------------------------

-- one row, written at the first start
create table installation (
    id BIGINT primary key,
    -- a keyed hash that only the master key of this data gives
    key_check BYTEA not null,
    -- 1: filled by the demo, whose password everybody knows
    is_demo BIGINT not null
);

create table jobs (
    id BIGINT primary key,
    queue TEXT not null,
    kind TEXT not null,
    payload TEXT not null,
    -- queued | running | done | failed
    state TEXT not null,
    -- smaller goes first: a waiting person before a batch
    priority BIGINT not null,
    attempts BIGINT not null,
    run_at BIGINT not null,
    lease_until BIGINT not null,
    -- a job with the same key that is still to run is not written twice
    unique_key TEXT,
    last_error TEXT not null,
    created_at BIGINT not null,
    -- of the newest try
    started_at BIGINT,
    done_at BIGINT
);
create index jobs_due on jobs (queue, state, priority, run_at, id);
create index jobs_done on jobs (queue, done_at) where state = 'done';
create unique index jobs_unique on jobs (unique_key) where unique_key is not null and state in ('queued', 'running');

create table audit_head (
    id BIGINT primary key,
    seq BIGINT not null,
    hash BYTEA not null
);
insert into audit_head (id, seq, hash) values (1, 0, ''::bytea);
create table audit (
    seq BIGINT primary key,
    at BIGINT not null,
    -- staff | candidate | system | command
    actor_kind TEXT not null,
    actor_id BIGINT not null,
    actor_name TEXT not null,
    action TEXT not null,
    subject_kind TEXT not null,
    subject_id BIGINT not null,
    detail TEXT not null,
    address TEXT not null,
    previous_hash BYTEA not null,
    hash BYTEA not null
);
create index audit_subject on audit (subject_kind, subject_id, seq);
create index audit_actor on audit (actor_kind, actor_id, seq);

create table sessions (
    token_hash BYTEA primary key,
    id BIGINT not null unique,
    -- candidate | staff
    kind TEXT not null,
    owner BIGINT not null,
    created_at BIGINT not null,
    seen_at BIGINT not null,
    expires_at BIGINT not null,
    user_agent TEXT not null,
    address TEXT not null
);
create index sessions_owner on sessions (kind, owner, expires_at);
create index sessions_expiry on sessions (expires_at);

create table throttles (
    key TEXT primary key,
    count BIGINT not null,
    window_start BIGINT not null,
    locked_until BIGINT not null
);

create table pictures (
    id BIGINT primary key,
    ref TEXT not null unique,
    -- candidate | exam
    owner_kind TEXT not null,
    owner BIGINT not null,
    -- card_front | card_back | portrait | face | holding | proof | payment_qr
    kind TEXT not null,
    object_key TEXT not null,
    mime TEXT not null,
    bytes BIGINT not null,
    sha256 BYTEA not null,
    created_at BIGINT not null,
    deleted_at BIGINT
);
create index pictures_owner on pictures (owner_kind, owner, kind);
create index pictures_sha on pictures (kind, sha256);

-- staff ------------------------------------------------------------------------------------------

create table staff (
    id BIGINT primary key,
    login TEXT not null unique,
    name TEXT not null,
    password TEXT not null,
    -- comma-separated role codes
    roles TEXT not null,
    created_at BIGINT not null,
    disabled_at BIGINT
);

-- accounts ---------------------------------------------------------------------------------------

create table accounts (
    id BIGINT primary key,
    ref TEXT not null unique,
    region TEXT not null,
    document_kind TEXT not null,
    document_enc BYTEA not null,
    -- keyed hash of the account key (docs: types::DocumentNumber::account_key)
    document_hash BYTEA not null unique,
    -- bytes in order, as SQLite compares them: a prefix is a range
    name TEXT collate "C" not null,
    -- grows with each change of the name; a real-name check counts only for its version
    name_version BIGINT not null,
    phone_enc BYTEA not null,
    phone_hash BYTEA not null,
    password TEXT not null,
    candidate_type TEXT not null,
    major TEXT not null,
    -- none | pending | verified | failed | person
    real_name_state TEXT not null,
    verified_at BIGINT,
    -- the portrait cut out of the card
    portrait_picture BIGINT references pictures (id),
    created_at BIGINT not null,
    deleted_at BIGINT
);
create index accounts_phone on accounts (phone_hash);
create index accounts_name on accounts (name, id);

-- every name that an account had, the present one included
create table account_names (
    account BIGINT not null references accounts (id),
    version BIGINT not null,
    name TEXT not null,
    since BIGINT not null,
    primary key (account, version)
);

create table signup_drafts (
    token_hash BYTEA primary key,
    data_enc BYTEA not null,
    created_at BIGINT not null,
    expires_at BIGINT not null
);
create index signup_drafts_expiry on signup_drafts (expires_at);

-- one row a phone (or a document number, for resets): the gate that lets one code through in 60 s; its row is the lock under which codes are counted
create table sms_gates (
    key BYTEA primary key,
    sent_at BIGINT not null
);
create index sms_gates_sent on sms_gates (sent_at);

create table sms_codes (
    id BIGINT primary key,
    -- register | reset | change_phone
    purpose TEXT not null,
    -- keyed hash of who asked for what: only they can use the code
    subject_hash BYTEA not null,
    -- the phone it went to; for a reset of a number that nobody has, the subject again
    phone_hash BYTEA not null,
    code_hash BYTEA not null,
    -- the challenge that was solved for it: each serves once
    challenge_hash BYTEA not null unique,
    tries BIGINT not null,
    created_at BIGINT not null,
    expires_at BIGINT not null,
    -- used, or replaced by a newer one
    closed_at BIGINT
);
create index sms_codes_subject on sms_codes (subject_hash, created_at);
create index sms_codes_phone on sms_codes (phone_hash, created_at);
create index sms_codes_created on sms_codes (created_at);

create table sms_outbox (
    id BIGINT primary key,
    phone_enc BYTEA not null,
    text_enc BYTEA not null,
    created_at BIGINT not null,
    sent_at BIGINT
);
create index sms_outbox_created on sms_outbox (created_at);

create table consents (
    id BIGINT primary key,
    account BIGINT not null references accounts (id),
    -- privacy | identity | face | face_photo
    kind TEXT not null,
    version BIGINT not null,
    text_hash BYTEA not null,
    given_at BIGINT not null,
    withdrawn_at BIGINT,
    address TEXT not null
);
create index consents_account on consents (account, kind, given_at);

create table messages (
    id BIGINT primary key,
    ref TEXT not null unique,
    account BIGINT not null references accounts (id),
    title TEXT not null,
    body TEXT not null,
    link TEXT not null,
    created_at BIGINT not null,
    read_at BIGINT
);
create index messages_account on messages (account, id);

-- identity ---------------------------------------------------------------------------------------

create table identity_checks (
    id BIGINT primary key,
    ref TEXT not null unique,
    account BIGINT not null references accounts (id),
    name_version BIGINT not null,
    front_picture BIGINT not null references pictures (id),
    back_picture BIGINT not null references pictures (id),
    -- the portrait cut out of the front
    portrait_picture BIGINT references pictures (id),
    -- reading | passed | failed | person | approved | returned | superseded (the name changed)
    state TEXT not null,
    -- what was read and each field's verdict, JSON, encrypted
    result_enc BYTEA,
    -- comma-separated problem codes
    problems TEXT not null,
    created_at BIGINT not null,
    decided_at BIGINT,
    decided_by BIGINT,
    reason TEXT not null,
    -- a reviewer holds the case until then
    leased_by BIGINT,
    lease_until BIGINT not null
);
create index identity_checks_account on identity_checks (account, id);
create index identity_checks_state on identity_checks (state, id);
-- an account has one check in hand at a time
create unique index identity_checks_open on identity_checks (account) where state in ('reading', 'person');

create table face_checks (
    id BIGINT primary key,
    ref TEXT not null unique,
    account BIGINT not null references accounts (id),
    registration BIGINT not null,
    -- live | file | holding
    way TEXT not null,
    -- open | checking | passed | failed | person | approved | returned | expired
    state TEXT not null,
    nonce_hash BYTEA,
    -- the asked turns and their time, JSON
    challenge TEXT not null,
    expires_at BIGINT not null,
    -- frames that wait for the check, object keys, JSON
    frames TEXT not null,
    -- the one best frame
    picture BIGINT references pictures (id),
    -- ten-thousandths
    similarity BIGINT,
    problems TEXT not null,
    created_at BIGINT not null,
    decided_at BIGINT,
    decided_by BIGINT,
    reason TEXT not null,
    leased_by BIGINT,
    lease_until BIGINT not null
);
create index face_checks_registration on face_checks (registration, id);
create index face_checks_state on face_checks (state, id);

-- keyed hashes of the frames of live checks: the same picture is refused in another check
create table face_prints (
    print BYTEA primary key,
    check_id BIGINT not null references face_checks (id),
    created_at BIGINT not null
);
create index face_prints_created on face_prints (created_at);

-- exams ------------------------------------------------------------------------------------------

create table exams (
    id BIGINT primary key,
    ref TEXT not null unique,
    title TEXT not null,
    -- draft | published | closed | archived
    state TEXT not null,
    opens_at BIGINT not null,
    closes_at BIGINT not null,
    edit_until BIGINT not null,
    pay_until BIGINT not null,
    notice TEXT not null,
    notice_version BIGINT not null,
    fee_name TEXT not null,
    fee_fen BIGINT not null,
    -- page (the school's own payment page) | free | offline
    payment_way TEXT not null,
    payment_url TEXT not null,
    payment_picture BIGINT references pictures (id),
    payee TEXT not null,
    -- good | fair (中) | pass …: the lowest thesis grade that may apply
    thesis_floor TEXT not null,
    -- rules printed on the ticket, one a line
    ticket_rules TEXT not null,
    -- first digits of the ticket number: year 2, batch 1
    ticket_prefix TEXT not null,
    tickets_released_at BIGINT,
    created_at BIGINT not null,
    updated_at BIGINT not null
);
create index exams_state on exams (state, opens_at);

create table exam_notices (
    exam BIGINT not null references exams (id),
    version BIGINT not null,
    markdown TEXT not null,
    created_at BIGINT not null,
    primary key (exam, version)
);

create table subjects (
    id BIGINT primary key,
    exam BIGINT not null references exams (id),
    code TEXT not null,
    name TEXT not null,
    starts_at BIGINT not null,
    ends_at BIGINT not null,
    -- null: not limited
    capacity BIGINT,
    -- how many registrations hold a place
    taken BIGINT not null default 0,
    unique (exam, code)
);

-- registrations ----------------------------------------------------------------------------------

create table registrations (
    id BIGINT primary key,
    -- the registration number that people read
    ref TEXT not null unique,
    account BIGINT not null references accounts (id),
    exam BIGINT not null references exams (id),
    -- drafting | awaiting_payment | submitted | approved | returned | seated | released | withdrawn
    state TEXT not null,
    -- counts changes; an action names the version it saw
    version BIGINT not null,
    -- the version of the notice that was on the screen, and since when
    notice_shown_at BIGINT,
    notice_shown_version BIGINT,
    notice_version BIGINT,
    notice_accepted_at BIGINT,
    notice_address TEXT not null,
    -- none | person (waits for a reviewer) | passed
    face_state TEXT not null,
    face_picture BIGINT references pictures (id),
    subject BIGINT references subjects (id),
    -- enrolled | graduated
    study_status TEXT not null,
    thesis_grade TEXT not null,
    info_at BIGINT,
    -- the proof that counts now
    proof BIGINT,
    submitted_at BIGINT,
    reason TEXT not null,
    created_at BIGINT not null,
    updated_at BIGINT not null,
    unique (account, exam)
);
create index registrations_exam on registrations (exam, state, id);
-- what waits for a reviewer, over all exams
create index registrations_waiting on registrations (id) where state = 'submitted';
create index registrations_subject on registrations (subject, state, id);

create table registration_history (
    id BIGINT primary key,
    registration BIGINT not null references registrations (id),
    at BIGINT not null,
    -- candidate | staff | system
    actor_kind TEXT not null,
    actor_id BIGINT not null,
    actor_name TEXT not null,
    from_state TEXT not null,
    to_state TEXT not null,
    -- what happened: stable code
    step TEXT not null,
    why TEXT not null,
    -- what the candidate's information was after it, JSON
    detail TEXT not null
);
create index registration_history_registration on registration_history (registration, id);

-- payments ---------------------------------------------------------------------------------------

create table proofs (
    id BIGINT primary key,
    ref TEXT not null unique,
    registration BIGINT not null references registrations (id),
    account BIGINT not null references accounts (id),
    picture BIGINT not null references pictures (id),
    -- of the picture as uploaded: the same screenshot used twice is found by it
    picture_sha BYTEA not null,
    -- reading | read | accepted | returned
    state TEXT not null,
    channel TEXT not null,
    kind TEXT not null,
    amount_fen BIGINT,
    paid_at BIGINT,
    transaction_no TEXT not null,
    order_no TEXT not null,
    payee TEXT not null,
    status TEXT not null,
    -- what the machine read, JSON: kept beside what the candidate made of it; empty until it was read
    reading TEXT not null,
    -- the candidate mended what was read
    corrected BIGINT not null,
    problems TEXT not null,
    created_at BIGINT not null,
    submitted_at BIGINT,
    decided_at BIGINT,
    decided_by BIGINT,
    reason TEXT not null
);
create index proofs_registration on proofs (registration, id);
create index proofs_transaction on proofs (transaction_no);
create index proofs_picture on proofs (picture_sha);

-- Who looks at which payment case, and until when it is theirs. By registration, because one paid at the school has no proof.
create table payment_leases (
    registration BIGINT primary key references registrations (id),
    leased_by BIGINT not null,
    lease_until BIGINT not null
);

-- seating ----------------------------------------------------------------------------------------

create table rooms (
    id BIGINT primary key,
    exam BIGINT not null references exams (id),
    site TEXT not null,
    address TEXT not null,
    name TEXT not null,
    -- seats across and deep; numbered in an S
    seat_columns BIGINT not null,
    seat_rows BIGINT not null,
    position BIGINT not null,
    unique (exam, site, name),
    unique (exam, position)
);

create table arrangements (
    id BIGINT primary key,
    exam BIGINT not null references exams (id),
    seed TEXT not null,
    seated BIGINT not null,
    created_at BIGINT not null,
    created_by BIGINT not null,
    undone_at BIGINT
);
create index arrangements_exam on arrangements (exam, id);

create table seats (
    registration BIGINT primary key references registrations (id),
    exam BIGINT not null references exams (id),
    subject BIGINT not null references subjects (id),
    room BIGINT not null references rooms (id),
    -- 1-based, in the room
    seat BIGINT not null,
    ticket_number TEXT not null,
    unique (subject, room, seat),
    unique (exam, ticket_number)
);
