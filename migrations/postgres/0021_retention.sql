-- When the pictures of an account were last deleted because their time was over.
alter table accounts add column pictures_forgotten_at bigint;

-- Until now the account went on naming the portrait that was deleted with them: every other way of deleting it takes the name away.
update accounts set pictures_forgotten_at = (select p.deleted_at from pictures p where p.id = accounts.portrait_picture)
where portrait_picture in (select id from pictures where deleted_at is not null);
update accounts set portrait_picture = null where portrait_picture in (select id from pictures where deleted_at is not null);

-- whose pictures are there, and since when
create index pictures_kept on pictures (owner_kind, owner, created_at) where deleted_at is null;
