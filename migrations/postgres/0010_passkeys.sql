-- Passkeys (WebAuthn) of staff.

create table staff_passkeys (
    id BIGINT primary key,
    staff BIGINT not null references staff (id),
    -- the authenticator's name for it
    credential BYTEA not null unique,
    -- SubjectPublicKeyInfo, DER
    public_key BYTEA not null,
    -- what its owner calls it
    name TEXT not null,
    -- the authenticator's signature counter; 0 where it keeps none
    counter BIGINT not null,
    created_at BIGINT not null,
    -- 0: never
    used_at BIGINT not null
);
create index staff_passkeys_staff on staff_passkeys (staff);

-- challenges that were answered, until they end by themselves
create table staff_passkey_challenges (
    challenge TEXT primary key,
    until BIGINT not null
);
