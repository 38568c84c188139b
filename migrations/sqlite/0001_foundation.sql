-- Lower modules ----------------------------------------------------------------------------------

-- one row, written at the first start
create table installation (
    id INTEGER primary key,
    -- a keyed hash that only the master key of this data gives
    key_check BLOB not null,
    -- 1: filled by the demo, whose password everybody knows
    is_demo INTEGER not null
);

create table jobs (
    id INTEGER primary key,
    queue TEXT not null,
    kind TEXT not null,
    payload TEXT not null,
    -- queued | running | done | failed
    state TEXT not null,
    -- smaller goes first: a waiting person before a batch
    priority INTEGER not null,
    attempts INTEGER not null,
    run_at INTEGER not null,
    lease_until INTEGER not null,
    -- a job with the same key that is still to run is not written twice
    unique_key TEXT,
    last_error TEXT not null,
    created_at INTEGER not null,
    -- of the newest try
    started_at INTEGER,
    done_at INTEGER
);
create index jobs_due on jobs (queue, state, priority, run_at, id);
create index jobs_done on jobs (queue, done_at) where state = 'done';
create unique index jobs_unique on jobs (unique_key) where unique_key is not null and state in ('queued', 'running');

create table audit_head (
    id INTEGER primary key,
    seq INTEGER not null,
    hash BLOB not null
);
insert into audit_head (id, seq, hash) values (1, 0, X'');
create table audit (
    seq INTEGER primary key,
    at INTEGER not null,
    -- staff | candidate | system | command
    actor_kind TEXT not null,
    actor_id INTEGER not null,
    actor_name TEXT not null,
    action TEXT not null,
    subject_kind TEXT not null,
    subject_id INTEGER not null,
    detail TEXT not null,
    address TEXT not null,
    previous_hash BLOB not null,
    hash BLOB not null
);
create index audit_subject on audit (subject_kind, subject_id, seq);
create index audit_actor on audit (actor_kind, actor_id, seq);

create table sessions (
    token_hash BLOB primary key,
    id INTEGER not null unique,
    -- candidate | staff
    kind TEXT not null,
    owner INTEGER not null,
    created_at INTEGER not null,
    seen_at INTEGER not null,
    expires_at INTEGER not null,
    user_agent TEXT not null,
    address TEXT not null
);
create index sessions_owner on sessions (kind, owner, expires_at);
create index sessions_expiry on sessions (expires_at);

create table throttles (
    key TEXT primary key,
    count INTEGER not null,
    window_start INTEGER not null,
    locked_until INTEGER not null
);

create table pictures (
    id INTEGER primary key,
    ref TEXT not null unique,
    -- candidate | exam
    owner_kind TEXT not null,
    owner INTEGER not null,
    -- card_front | card_back | portrait | face | holding | proof | payment_qr
    kind TEXT not null,
    object_key TEXT not null,
    mime TEXT not null,
    bytes INTEGER not null,
    sha256 BLOB not null,
    created_at INTEGER not null,
    deleted_at INTEGER
);
create index pictures_owner on pictures (owner_kind, owner, kind);
create index pictures_sha on pictures (kind, sha256);

-- staff ------------------------------------------------------------------------------------------

create table staff (
    id INTEGER primary key,
    login TEXT not null unique,
    name TEXT not null,
    password TEXT not null,
    -- comma-separated role codes
    roles TEXT not null,
    created_at INTEGER not null,
    disabled_at INTEGER
);

-- accounts ---------------------------------------------------------------------------------------

create table accounts (
    id INTEGER primary key,
    ref TEXT not null unique,
    region TEXT not null,
    document_kind TEXT not null,
    document_enc BLOB not null,
    -- keyed hash of the account key (docs: types::DocumentNumber::account_key)
    document_hash BLOB not null unique,
    name TEXT not null,
    -- grows with each change of the name; a real-name check counts only for its version
    name_version INTEGER not null,
    phone_enc BLOB not null,
    phone_hash BLOB not null,
    password TEXT not null,
    candidate_type TEXT not null,
    major TEXT not null,
    -- none | pending | verified | failed | person
    real_name_state TEXT not null,
    verified_at INTEGER,
    -- the portrait cut out of the card
    portrait_picture INTEGER references pictures (id),
    created_at INTEGER not null,
    deleted_at INTEGER
);
create index accounts_phone on accounts (phone_hash);
create index accounts_name on accounts (name, id);

-- every name that an account had, the present one included
create table account_names (
    account INTEGER not null references accounts (id),
    version INTEGER not null,
    name TEXT not null,
    since INTEGER not null,
    primary key (account, version)
);

create table signup_drafts (
    token_hash BLOB primary key,
    data_enc BLOB not null,
    created_at INTEGER not null,
    expires_at INTEGER not null
);
create index signup_drafts_expiry on signup_drafts (expires_at);

-- one row a phone (or a document number, for resets): the gate that lets one code through in 60 s; its row is the lock under which codes are counted
create table sms_gates (
    key BLOB primary key,
    sent_at INTEGER not null
);
create index sms_gates_sent on sms_gates (sent_at);

create table sms_codes (
    id INTEGER primary key,
    -- register | reset | change_phone
    purpose TEXT not null,
    -- keyed hash of who asked for what: only they can use the code
    subject_hash BLOB not null,
    -- the phone it went to; for a reset of a number that nobody has, the subject again
    phone_hash BLOB not null,
    code_hash BLOB not null,
    -- the challenge that was solved for it: each serves once
    challenge_hash BLOB not null unique,
    tries INTEGER not null,
    created_at INTEGER not null,
    expires_at INTEGER not null,
    -- used, or replaced by a newer one
    closed_at INTEGER
);
create index sms_codes_subject on sms_codes (subject_hash, created_at);
create index sms_codes_phone on sms_codes (phone_hash, created_at);
create index sms_codes_created on sms_codes (created_at);

create table sms_outbox (
    id INTEGER primary key,
    phone_enc BLOB not null,
    text_enc BLOB not null,
    created_at INTEGER not null,
    sent_at INTEGER
);
create index sms_outbox_created on sms_outbox (created_at);

create table consents (
    id INTEGER primary key,
    account INTEGER not null references accounts (id),
    -- privacy | identity | face | face_photo
    kind TEXT not null,
    version INTEGER not null,
    text_hash BLOB not null,
    given_at INTEGER not null,
    withdrawn_at INTEGER,
    address TEXT not null
);
create index consents_account on consents (account, kind, given_at);

create table messages (
    id INTEGER primary key,
    ref TEXT not null unique,
    account INTEGER not null references accounts (id),
    title TEXT not null,
    body TEXT not null,
    link TEXT not null,
    created_at INTEGER not null,
    read_at INTEGER
);
create index messages_account on messages (account, id);

-- identity ---------------------------------------------------------------------------------------

create table identity_checks (
    id INTEGER primary key,
    ref TEXT not null unique,
    account INTEGER not null references accounts (id),
    name_version INTEGER not null,
    front_picture INTEGER not null references pictures (id),
    back_picture INTEGER not null references pictures (id),
    -- the portrait cut out of the front
    portrait_picture INTEGER references pictures (id),
    -- reading | passed | failed | person | approved | returned | superseded (the name changed)
    state TEXT not null,
    -- what was read and each field's verdict, JSON, encrypted
    result_enc BLOB,
    -- comma-separated problem codes
    problems TEXT not null,
    created_at INTEGER not null,
    decided_at INTEGER,
    decided_by INTEGER,
    reason TEXT not null,
    -- a reviewer holds the case until then
    leased_by INTEGER,
    lease_until INTEGER not null
);
create index identity_checks_account on identity_checks (account, id);
create index identity_checks_state on identity_checks (state, id);
-- an account has one check in hand at a time
create unique index identity_checks_open on identity_checks (account) where state in ('reading', 'person');

create table face_checks (
    id INTEGER primary key,
    ref TEXT not null unique,
    account INTEGER not null references accounts (id),
    registration INTEGER not null,
    -- live | file | holding
    way TEXT not null,
    -- open | checking | passed | failed | person | approved | returned | expired
    state TEXT not null,
    nonce_hash BLOB,
    -- the asked turns and their time, JSON
    challenge TEXT not null,
    expires_at INTEGER not null,
    -- frames that wait for the check, object keys, JSON
    frames TEXT not null,
    -- the one best frame
    picture INTEGER references pictures (id),
    -- ten-thousandths
    similarity INTEGER,
    problems TEXT not null,
    created_at INTEGER not null,
    decided_at INTEGER,
    decided_by INTEGER,
    reason TEXT not null,
    leased_by INTEGER,
    lease_until INTEGER not null
);
create index face_checks_registration on face_checks (registration, id);
create index face_checks_state on face_checks (state, id);

-- keyed hashes of the frames of live checks: the same picture is refused in another check
create table face_prints (
    print BLOB primary key,
    check_id INTEGER not null references face_checks (id),
    created_at INTEGER not null
);
create index face_prints_created on face_prints (created_at);

-- exams ------------------------------------------------------------------------------------------

create table exams (
    id INTEGER primary key,
    ref TEXT not null unique,
    title TEXT not null,
    -- draft | published | closed | archived
    state TEXT not null,
    opens_at INTEGER not null,
    closes_at INTEGER not null,
    edit_until INTEGER not null,
    pay_until INTEGER not null,
    notice TEXT not null,
    notice_version INTEGER not null,
    fee_name TEXT not null,
    fee_fen INTEGER not null,
    -- page (the school's own payment page) | free | offline
    payment_way TEXT not null,
    payment_url TEXT not null,
    payment_picture INTEGER references pictures (id),
    payee TEXT not null,
    -- good | fair (中) | pass …: the lowest thesis grade that may apply
    thesis_floor TEXT not null,
    -- rules printed on the ticket, one a line
    ticket_rules TEXT not null,
    -- first digits of the ticket number: year 2, batch 1
    ticket_prefix TEXT not null,
    tickets_released_at INTEGER,
    created_at INTEGER not null,
    updated_at INTEGER not null
);
create index exams_state on exams (state, opens_at);

create table exam_notices (
    exam INTEGER not null references exams (id),
    version INTEGER not null,
    markdown TEXT not null,
    created_at INTEGER not null,
    primary key (exam, version)
);

create table subjects (
    id INTEGER primary key,
    exam INTEGER not null references exams (id),
    code TEXT not null,
    name TEXT not null,
    starts_at INTEGER not null,
    ends_at INTEGER not null,
    -- null: not limited
    capacity INTEGER,
    -- how many registrations hold a place
    taken INTEGER not null default 0,
    unique (exam, code)
);

-- registrations ----------------------------------------------------------------------------------

create table registrations (
    id INTEGER primary key,
    -- the registration number that people read
    ref TEXT not null unique,
    account INTEGER not null references accounts (id),
    exam INTEGER not null references exams (id),
    -- drafting | awaiting_payment | submitted | approved | returned | seated | released | withdrawn
    state TEXT not null,
    -- counts changes; an action names the version it saw
    version INTEGER not null,
    -- the version of the notice that was on the screen, and since when
    notice_shown_at INTEGER,
    notice_shown_version INTEGER,
    notice_version INTEGER,
    notice_accepted_at INTEGER,
    notice_address TEXT not null,
    -- none | person (waits for a reviewer) | passed
    face_state TEXT not null,
    face_picture INTEGER references pictures (id),
    subject INTEGER references subjects (id),
    -- enrolled | graduated
    study_status TEXT not null,
    thesis_grade TEXT not null,
    info_at INTEGER,
    -- the proof that counts now
    proof INTEGER,
    submitted_at INTEGER,
    reason TEXT not null,
    created_at INTEGER not null,
    updated_at INTEGER not null,
    unique (account, exam)
);
create index registrations_exam on registrations (exam, state, id);
-- what waits for a reviewer, over all exams
create index registrations_waiting on registrations (id) where state = 'submitted';
create index registrations_subject on registrations (subject, state, id);

create table registration_history (
    id INTEGER primary key,
    registration INTEGER not null references registrations (id),
    at INTEGER not null,
    -- candidate | staff | system
    actor_kind TEXT not null,
    actor_id INTEGER not null,
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
    id INTEGER primary key,
    ref TEXT not null unique,
    registration INTEGER not null references registrations (id),
    account INTEGER not null references accounts (id),
    picture INTEGER not null references pictures (id),
    -- of the picture as uploaded: the same screenshot used twice is found by it
    picture_sha BLOB not null,
    -- reading | read | accepted | returned
    state TEXT not null,
    channel TEXT not null,
    kind TEXT not null,
    amount_fen INTEGER,
    paid_at INTEGER,
    transaction_no TEXT not null,
    order_no TEXT not null,
    payee TEXT not null,
    status TEXT not null,
    -- what the machine read, JSON: kept beside what the candidate made of it; empty until it was read
    reading TEXT not null,
    -- the candidate mended what was read
    corrected INTEGER not null,
    problems TEXT not null,
    created_at INTEGER not null,
    submitted_at INTEGER,
    decided_at INTEGER,
    decided_by INTEGER,
    reason TEXT not null
);
create index proofs_registration on proofs (registration, id);
create index proofs_transaction on proofs (transaction_no);
create index proofs_picture on proofs (picture_sha);

-- Who looks at which payment case, and until when it is theirs. By registration, because one paid at the school has no proof.
create table payment_leases (
    registration INTEGER primary key references registrations (id),
    leased_by INTEGER not null,
    lease_until INTEGER not null
);

-- seating ----------------------------------------------------------------------------------------

create table rooms (
    id INTEGER primary key,
    exam INTEGER not null references exams (id),
    site TEXT not null,
    address TEXT not null,
    name TEXT not null,
    -- seats across and deep; numbered in an S
    seat_columns INTEGER not null,
    seat_rows INTEGER not null,
    position INTEGER not null,
    unique (exam, site, name),
    unique (exam, position)
);

create table arrangements (
    id INTEGER primary key,
    exam INTEGER not null references exams (id),
    seed TEXT not null,
    seated INTEGER not null,
    created_at INTEGER not null,
    created_by INTEGER not null,
    undone_at INTEGER
);
create index arrangements_exam on arrangements (exam, id);

create table seats (
    registration INTEGER primary key references registrations (id),
    exam INTEGER not null references exams (id),
    subject INTEGER not null references subjects (id),
    room INTEGER not null references rooms (id),
    -- 1-based, in the room
    seat INTEGER not null,
    ticket_number TEXT not null,
    unique (subject, room, seat),
    unique (exam, ticket_number)
);
