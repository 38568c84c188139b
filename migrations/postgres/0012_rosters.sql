-- Rosters (学籍库): lists of people that the school gives, imported from tables.

create table rosters (
    id BIGINT primary key,
    ref TEXT not null unique,
    name TEXT not null unique,
    -- what each head of a table was last taken for: JSON, head to column code
    heads TEXT not null,
    -- the import whose entries count; null: none
    current BIGINT,
    created_at BIGINT not null,
    removed_at BIGINT
);

create table roster_imports (
    id BIGINT primary key,
    ref TEXT not null unique,
    roster BIGINT not null references rosters (id),
    file_name TEXT not null,
    -- of the sealed file; "" once it is gone
    object_key TEXT not null,
    -- uploaded | checking | ready | faulty | broken | applied | replaced | rolled_back | cancelled
    state TEXT not null,
    -- the column code of each column of the file, "" for one that is not taken, separated by commas
    columns TEXT not null,
    -- why the file could not be read; else ""
    why TEXT not null,
    -- rows with people in the file; 0 while that is not known
    total BIGINT not null,
    -- the last line of the file that was looked at
    line BIGINT not null,
    -- rows that became entries
    good BIGINT not null,
    -- problems of rows
    bad BIGINT not null,
    -- the import that counted when this one was compared, and what differs from it
    base BIGINT,
    added BIGINT not null,
    changed BIGINT not null,
    gone BIGINT not null,
    created_name TEXT not null,
    created_at BIGINT not null,
    applied_at BIGINT
);
create index roster_imports_roster on roster_imports (roster, id);
create index roster_imports_state on roster_imports (state, created_at);

-- Entries belong to an import, so that an import counts whole or not at all.
create table roster_entries (
    import BIGINT not null references roster_imports (id),
    -- where it stands in the file
    line BIGINT not null,
    document_kind TEXT not null,
    -- keyed hash and sealed number, as in accounts
    document_hash BYTEA not null,
    document_enc BYTEA not null,
    name TEXT not null,
    student_no TEXT not null,
    candidate_type TEXT not null,
    major TEXT not null,
    primary key (import, line)
);
create unique index roster_entries_document on roster_entries (import, document_hash);
create index roster_entries_name on roster_entries (import, name, line);
create index roster_entries_student on roster_entries (import, student_no, line);

create table roster_problems (
    import BIGINT not null references roster_imports (id),
    line BIGINT not null,
    -- the column of the file, from 0; -1: the whole row
    place BIGINT not null,
    why TEXT not null,
    primary key (import, line, place)
);
