-- A message to the registrations of an exam may be meant for fewer of them.

-- of this subject; null: of all
alter table message_batches add column subject INTEGER;
-- of this candidate type and this major; '': of all
alter table message_batches add column candidate_type TEXT not null default '';
alter table message_batches add column major TEXT not null default '';
