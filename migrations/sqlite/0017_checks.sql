-- What is checked of an exam's candidates: 'face' (document and face), 'real_name' (the document alone), 'none'.
alter table exams add column checks text not null default 'face';
