//! What staff do with the questions of an exam. What somebody has answered stays as it was asked.

use serde_json::json;

use super::{MAX_HINT_CHARS, MAX_LABEL_CHARS, MAX_OPTION_CHARS, MAX_OPTIONS, MAX_QUESTIONS, Question, QuestionKind, store};
use crate::app::App;
use crate::db::Tx;
use crate::error::{Error, Problems, Result};
use crate::exams::actions::{By, log};
use crate::exams::{self, Exam, ExamState};
use crate::types::line;

/// Letters of a question's public reference.
const REFERENCE_LETTERS: usize = 6;

/// A question as typed.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs, reason = "the labels of the form")]
pub struct Typed {
    pub kind: String,
    pub label: String,
    pub hint: String,
    /// One a line.
    pub options: String,
    pub required: bool,
}

fn read(typed: &Typed) -> Result<Question> {
    let mut p = Problems::new();
    let label = p.take("label", line(&typed.label, MAX_LABEL_CHARS, "请填写问题。", "问题不能超过 40 字。")).unwrap_or_default();
    let hint = typed.hint.trim().to_owned();
    if hint.chars().count() > MAX_HINT_CHARS || hint.chars().any(char::is_control) {
        p.add("hint", "说明不能超过 100 字，也不能换行。");
    }
    let kind = QuestionKind::parse(&typed.kind);
    if kind.is_none() {
        p.add("kind", "请选择回答的方式。");
    }
    let mut options: Vec<&str> = Vec::new();
    for option in typed.options.lines().map(str::trim).filter(|option| !option.is_empty()) {
        if !options.contains(&option) {
            options.push(option);
        }
    }
    if kind == Some(QuestionKind::Choice) {
        if !(2..=MAX_OPTIONS).contains(&options.len()) {
            p.add("options", "请填写 2 到 50 个选项，每行一个。");
        } else if options.iter().any(|option| option.chars().count() > MAX_OPTION_CHARS || option.chars().any(char::is_control)) {
            p.add("options", "每个选项不能超过 40 字。");
        }
    } else {
        options.clear();
    }
    let kind = kind.map_or(String::new(), |kind| kind.code().to_owned());
    p.into_result()?;
    Ok(Question {
        id: 0,
        public_ref: String::new(),
        exam: 0,
        place: 0,
        kind,
        label,
        hint,
        options: options.join("\n"),
        required: typed.required.into(),
    })
}

/// The exam, held, with its questions.
async fn held(tx: &mut Tx, by: By<'_>, reference: &str) -> Result<(Exam, Vec<Question>, crate::audit::Actor)> {
    let exam = exams::store::hold(tx, reference).await?;
    let actor = by.authorise(Some(&exam))?;
    if exam.state() == ExamState::Archived {
        return Err(Error::refused("archived", "这场考试已经归档，不能再修改。请先取消归档。"));
    }
    let questions = store::list(tx, exam.id).await?;
    Ok((exam, questions, actor))
}

fn one<'a>(questions: &'a [Question], reference: &str) -> Result<&'a Question> {
    questions.iter().find(|question| question.public_ref == reference).ok_or(Error::NotFound)
}

/// Adds a question (`question` is ""), or changes one.
pub async fn save(app: &App, by: By<'_>, reference: &str, question: &str, typed: &Typed) -> Result<()> {
    let mut tx = app.db.begin().await?;
    let (exam, questions, actor) = held(&mut tx, by, reference).await?;
    let mut made = read(typed)?;
    if questions.iter().any(|other| other.label == made.label && other.public_ref != question) {
        return Err(Error::invalid("label", "已经有同样的问题。"));
    }
    let before = if question.is_empty() {
        if questions.len() >= MAX_QUESTIONS {
            return Err(Error::refused("too_many_questions", "一场考试最多 20 个问题。"));
        }
        made.id = app.ids.make(app.clock.now());
        made.public_ref = app.keys.reference(REFERENCE_LETTERS)?;
        made.exam = exam.id;
        made.place = questions.last().map_or(1, |last| last.place + 1);
        store::insert(&mut tx, &made).await?;
        None
    } else {
        let old = one(&questions, question)?;
        (made.id, made.public_ref, made.exam, made.place) = (old.id, old.public_ref.clone(), old.exam, old.place);
        let given = app.answers_to(&mut tx, old.id).await?;
        if !given.is_empty() && made.kind != old.kind {
            return Err(Error::invalid("kind", "已经有考生回答，回答的方式不能再改。可以另外添加一个问题。"));
        }
        if made.kind() == QuestionKind::Choice
            && let Some(lost) = given.iter().find(|value| !made.options().any(|option| option == value.as_str()))
        {
            return Err(Error::invalid("options", format!("已经有考生选择“{lost}”，这个选项不能删除或改名。")));
        }
        store::update(&mut tx, &made).await?;
        Some(old)
    };
    let words =
        |q: &Question| json!({ "label": q.label, "hint": q.hint, "kind": q.kind, "options": q.options, "required": q.is_required() });
    log(app, &mut tx, "exam.question", &exam, json!({ "before": before.map(words), "after": words(&made) }), &actor).await?;
    tx.commit().await?;
    Ok(())
}

/// Removes a question that nobody has answered.
pub async fn remove(app: &App, by: By<'_>, reference: &str, question: &str) -> Result<()> {
    let mut tx = app.db.begin().await?;
    let (exam, questions, actor) = held(&mut tx, by, reference).await?;
    let old = one(&questions, question)?;
    if !app.answers_to(&mut tx, old.id).await?.is_empty() {
        return Err(Error::refused("answered", "已经有考生回答这个问题，不能删除。可以改成选填。"));
    }
    store::remove(&mut tx, old.id).await?;
    log(app, &mut tx, "exam.question", &exam, json!({ "removed": old.label }), &actor).await?;
    tx.commit().await?;
    Ok(())
}

/// Moves a question before the one above it.
pub async fn raise(app: &App, by: By<'_>, reference: &str, question: &str) -> Result<()> {
    let mut tx = app.db.begin().await?;
    let (_, questions, _) = held(&mut tx, by, reference).await?;
    let at = questions.iter().position(|other| other.public_ref == question).ok_or(Error::NotFound)?;
    let mut order: Vec<&Question> = questions.iter().collect();
    order.swap(at, at.saturating_sub(1));
    for (place, question) in order.into_iter().enumerate() {
        let place = i64::try_from(place).map_err(Error::internal)? + 1;
        store::update(&mut tx, &Question { place, ..question.clone() }).await?;
    }
    tx.commit().await?;
    Ok(())
}
