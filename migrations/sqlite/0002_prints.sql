-- payments: what is seen of an order screenshot beside what it says.

-- values that do not fit their surroundings, `field:kind`, comma-separated: for a person, never for a verdict
alter table proofs add column signs TEXT not null default '';

-- How the numbers on a screenshot look (bits): another copy of the same picture has nearly the same.
create table proof_prints (
    proof INTEGER not null references proofs (id),
    -- transaction | order
    field TEXT not null,
    print BLOB not null,
    primary key (proof, field)
);

-- Near prints have a band of bits in common: field, band and bits in one number.
create table proof_bands (
    band INTEGER not null,
    proof INTEGER not null references proofs (id),
    primary key (band, proof)
);
