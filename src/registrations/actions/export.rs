//! The registrations of a list as a table: begun with a line in the audit, then read a batch at a time, so that a hundred thousand cost no more memory than fifty.

use serde_json::json;

use super::lists::{Asked, chosen, exams_of};
use crate::accounts;
use crate::app::App;
use crate::audit::{self, Entry};
use crate::error::{Error, Result};
use crate::exams::questions::{self, Question};
use crate::exams::{Exam, Grade, Subject};
use crate::registrations::store::{self, lists::Chosen};
use crate::registrations::{Registration, StudyStatus};
use crate::staff::{Permission, Staff};
use crate::types::UnixMs;

/// Rows that are read at once.
const BATCH: i64 = 500;
/// The heads of the columns, before those of the exam's own questions.
const HEADS: [&str; 15] = [
    "报名号",
    "姓名",
    "证件类型",
    "证件号码",
    "手机号",
    "考生类型",
    "专业",
    "科目",
    "在籍状态",
    "论文等级",
    "报名费（元）",
    "状态",
    "开始报名",
    "提交时间",
    "最近变动",
];

/// An export under way.
#[derive(Clone, Debug)]
pub struct Export {
    exam: Exam,
    subjects: Vec<Subject>,
    questions: Vec<Question>,
    chosen: Chosen,
    /// Whether numbers and phones are written in full: for who works on the exam.
    in_full: bool,
}

/// Begins: checks, and writes down who takes what.
pub async fn begin(app: &App, staff: &Staff, asked: &Asked<'_>) -> Result<(Exam, Export)> {
    staff.require_somewhere(Permission::Candidates)?;
    let mut tx = app.db.begin().await?;
    let newest = match asked.exam {
        "" => exams_of(&mut tx, staff).await?.into_iter().next().ok_or(Error::NotFound)?.public_ref,
        named => named.to_owned(),
    };
    let (exam, subjects, chosen) = chosen(&mut tx, staff, Permission::Candidates, &Asked { exam: &newest, ..*asked }).await?;
    let in_full = staff.may_in(exam.id, Permission::Exams);
    let filter = json!({ "state": asked.state.map(|state| state.code()), "subject": asked.subject, "candidate_type": asked.candidate_type, "major": asked.major, "from": asked.from, "to": asked.to, "in_full": in_full });
    let entry = Entry { action: "registration.export", subject_kind: "exam", subject_id: exam.id, detail: filter, actor: &staff.actor() };
    audit::write(&mut tx, app.clock.now(), entry).await?;
    let questions = questions::store::list(&mut tx, exam.id).await?;
    tx.commit().await?;
    Ok((exam.clone(), Export { exam, subjects, questions, chosen, in_full }))
}

impl Export {
    /// The heads of the columns.
    pub fn heads(&self) -> Vec<String> {
        HEADS.into_iter().map(str::to_owned).chain(self.questions.iter().map(|question| question.label.clone())).collect()
    }

    /// The next rows; none when all were written.
    pub async fn next(&mut self, app: &App) -> Result<Vec<Vec<String>>> {
        let mut conn = app.db.read().await?;
        let found = store::lists::page(&mut conn, &self.chosen, BATCH).await?;
        let Some(last) = found.last() else { return Ok(Vec::new()) };
        self.chosen.after = last.id;
        let mut rows = Vec::with_capacity(found.len());
        for row in &found {
            let Some(account) = accounts::store::find(&mut conn, row.account).await? else { continue };
            let (number, phone) = (account.document(&app.keys)?, account.phone(&app.keys)?);
            let (number, phone) = match self.in_full {
                true => (number.text().to_owned(), phone.as_str().to_owned()),
                false => (number.masked(), phone.masked()),
            };
            let mut cells = vec![row.public_ref.clone(), account.name.clone(), account.kind().word().to_owned(), number, phone];
            cells.extend([account.candidate_type.clone(), account.major.clone()]);
            cells.extend(self.of_registration(row));
            if !self.questions.is_empty() {
                let answers = store::answers::of(&mut conn, row.id).await?;
                let answer = |question: &Question| {
                    answers.iter().find(|answer| answer.question == question.id).map(|answer| answer.words().to_owned())
                };
                cells.extend(self.questions.iter().map(|question| answer(question).unwrap_or_default()));
            }
            rows.push(cells);
        }
        Ok(rows)
    }

    fn of_registration(&self, row: &Registration) -> [String; 8] {
        let moment = |at: Option<i64>| at.map(|at| UnixMs(at).local().strftime("%Y-%m-%d %H:%M:%S").to_string()).unwrap_or_default();
        let subject = self.subjects.iter().find(|subject| Some(subject.id) == row.subject);
        [
            subject.map(|subject| subject.name.clone()).unwrap_or_default(),
            StudyStatus::parse(&row.study_status).map_or("", StudyStatus::word).to_owned(),
            Grade::parse(&row.thesis_grade).map_or("", Grade::word).to_owned(),
            subject.map(|_| row.fee(&self.exam, subject).yuan()).unwrap_or_default(),
            row.state().word().to_owned(),
            moment(Some(row.created_at)),
            moment(row.submitted_at),
            moment(Some(row.updated_at)),
        ]
    }
}
