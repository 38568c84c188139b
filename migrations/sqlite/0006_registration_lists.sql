-- The lists of the console go through an exam or a subject by row id, in whatever state.
create index registrations_exam_id on registrations (exam, id);
create index registrations_subject_id on registrations (subject, id);
