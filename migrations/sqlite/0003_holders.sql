-- identity: documents of one person say the same of their holder, under whichever of them an account is registered.

create table identity_holders (
    account INTEGER not null references accounts (id),
    -- keyed hash of a travel permit's number: the account's own, or the one on the back of a residence permit
    permit_hash BLOB not null,
    primary key (account, permit_hash)
);
create index identity_holders_permit on identity_holders (permit_hash);
