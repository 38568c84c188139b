-- What a subject costs where it is not what its exam costs.
alter table subjects add column fee_fen bigint;

-- What was asked of somebody when they handed in: later changes of the exam's fee are not theirs.
alter table registrations add column fee_fen bigint;
update registrations set fee_fen = (select e.fee_fen from exams e where e.id = registrations.exam)
where state in ('submitted', 'approved', 'returned', 'seated', 'released');
