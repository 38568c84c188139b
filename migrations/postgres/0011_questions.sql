-- What an exam asks beside subject and status, and what candidates answered.

create table exam_questions (
    id BIGINT primary key,
    ref TEXT not null unique,
    exam BIGINT not null references exams (id),
    -- order on the page
    place BIGINT not null,
    -- text | number | choice | date | file
    kind TEXT not null,
    label TEXT not null,
    hint TEXT not null,
    -- of a choice, one a line
    options TEXT not null,
    required BIGINT not null
);
create index exam_questions_exam on exam_questions (exam, place);

create table registration_answers (
    registration BIGINT not null references registrations (id),
    question BIGINT not null references exam_questions (id),
    -- of a file, the reference of its picture
    value TEXT not null,
    primary key (registration, question)
);
create index registration_answers_question on registration_answers (question);
