-- Staff: roles held for chosen exams, invitations, second factors. Audit: seals, and where the kept chain begins.

create table roles (
    code TEXT primary key,
    name TEXT not null unique,
    -- comma-separated codes; those of a built-in role stand in the program (staff::Role)
    permissions TEXT not null,
    built_in INTEGER not null,
    -- 1: whoever holds it signs in with a second factor
    second_factor INTEGER not null
);
insert into roles (code, name, permissions, built_in, second_factor) values
    ('registrar', '教务', '', 1, 0),
    ('reviewer', '审核', '', 1, 0),
    ('finance', '财务', '', 1, 0),
    ('invigilator', '监考', '', 1, 0),
    ('administrator', '技术管理员', '', 1, 0),
    ('auditor', '审计', '', 1, 0);

create table staff_roles (
    staff INTEGER not null references staff (id),
    role TEXT not null references roles (code),
    -- 0: every exam, and what belongs to none
    exam INTEGER not null,
    primary key (staff, role, exam)
);
create index staff_roles_role on staff_roles (role);
insert into staff_roles (staff, role, exam)
    select staff.id, roles.code, 0 from staff, roles where ',' || staff.roles || ',' like '%,' || roles.code || ',%';
alter table staff drop column roles;

-- SHA-256 of the token in the link by which the person sets name and password, and until when it works
alter table staff add column invite_hash BLOB;
alter table staff add column invite_until INTEGER not null default 0;
create unique index staff_invite on staff (invite_hash);
-- the secret of the one-time codes, sealed; and the last step whose code was used
alter table staff add column totp_enc BLOB;
alter table staff add column totp_step INTEGER not null default 0;

create table staff_recovery_codes (
    staff INTEGER not null references staff (id),
    code_hash BLOB not null,
    primary key (staff, code_hash)
);

-- 1: a second factor was given in this session
alter table sessions add column second_factor INTEGER not null default 0;

-- Up to and including this line the audit was purged; its hash is what the next line hangs on
alter table audit_head add column anchor_seq INTEGER not null default 0;
alter table audit_head add column anchor_hash BLOB not null default X'';

-- What the chain was at a moment, under the installation's key: who can write into the database but has no key cannot write the chain anew
create table audit_seals (
    seq INTEGER primary key,
    at INTEGER not null,
    seal BLOB not null
);
create index audit_action on audit (action, seq);
create index audit_at on audit (at, seq);
