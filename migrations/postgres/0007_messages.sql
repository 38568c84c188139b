-- settings ---------------------------------------------------------------------------------------

create table settings (
    -- general | sms | service
    name TEXT primary key,
    -- JSON
    value TEXT not null,
    -- what is never shown again, sealed; empty for none
    secret_enc BYTEA not null
);

-- counts changes, so that other processes notice them
create table settings_head (
    id BIGINT primary key,
    version BIGINT not null
);
insert into settings_head (id, version) values (1, 0);

-- accounts: SMS ----------------------------------------------------------------------------------

drop table sms_outbox;
create table sms_outbox (
    id BIGINT primary key,
    ref TEXT not null unique,
    phone_enc BYTEA not null,
    text_enc BYTEA not null,
    -- the template's values, JSON, sealed
    values_enc BYTEA not null,
    -- code | state | ticket | exam | message
    kind TEXT not null,
    -- whose; 0 where nobody has the phone yet
    account BIGINT not null,
    -- the message of staff that it belongs to, else 0
    batch BIGINT not null,
    -- queued | sending | sent | delivered | failed | unknown (may have been sent) | expired
    state TEXT not null,
    tries BIGINT not null,
    provider TEXT not null,
    -- the provider's name for it
    provider_ref TEXT not null,
    -- the provider's code and words, for staff
    answer TEXT not null,
    created_at BIGINT not null,
    -- not to be sent after that
    expires_at BIGINT,
    -- when its state last changed
    changed_at BIGINT not null
);
create index sms_outbox_created on sms_outbox (created_at);
create index sms_outbox_state on sms_outbox (state, id);
create index sms_outbox_batch on sms_outbox (batch, state);
create index sms_outbox_account on sms_outbox (account, id);
create index sms_outbox_provider on sms_outbox (provider_ref) where provider_ref <> '';

-- how many SMS that are not codes were handed to a provider on a day in China
create table sms_days (
    day TEXT primary key,
    sent BIGINT not null
);

-- messages ---------------------------------------------------------------------------------------

create table message_templates (
    id BIGINT primary key,
    ref TEXT not null unique,
    title TEXT not null,
    body TEXT not null,
    updated_at BIGINT not null
);

create table message_batches (
    id BIGINT primary key,
    ref TEXT not null unique,
    -- to one candidate (account), or to the registrations of an exam in these states, comma-separated
    account BIGINT,
    exam BIGINT,
    states TEXT not null,
    -- with fields in braces
    title TEXT not null,
    body TEXT not null,
    with_sms BIGINT not null,
    -- planned | running | done | cancelled
    state TEXT not null,
    -- counted when it was written
    expected BIGINT not null,
    told BIGINT not null,
    run_at BIGINT not null,
    created_at BIGINT not null,
    created_by BIGINT not null,
    created_name TEXT not null,
    done_at BIGINT
);
create index message_batches_state on message_batches (state, id);

-- overview ---------------------------------------------------------------------------------------

-- what the overview shows, counted by a job: by exam, figure and key
create table overview_figures (
    exam BIGINT not null,
    -- state | subject | type | major | hour | day | money | identity | face
    figure TEXT not null,
    key TEXT not null,
    value BIGINT not null,
    primary key (exam, figure, key)
);
create table overview_counted (
    exam BIGINT primary key,
    counted_at BIGINT not null,
    took_ms BIGINT not null
);

-- retention --------------------------------------------------------------------------------------

-- exams whose pictures were deleted when their time was over
create table exams_forgotten (
    exam BIGINT primary key references exams (id),
    at BIGINT not null,
    pictures BIGINT not null
);
create index face_checks_account on face_checks (account, id);
