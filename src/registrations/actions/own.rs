//! What a closing account, a new name and an export of one's own data need to know.

use serde_json::{Value, json};

use crate::app::App;
use crate::db::Conn;
use crate::error::Result;
use crate::exams::{self, ExamState, Grade};
use crate::registrations::history::Event;
use crate::registrations::{State, StudyStatus, store};
use crate::types::UnixMs;

/// The title of an exam under way for which the account is registered: until it is over, the account stays.
pub async fn bound_by(app: &App, conn: &mut Conn, account: i64) -> Result<Option<String>> {
    under_way(app, conn, account, |state| !matches!(state, State::Drafting | State::Withdrawn)).await
}

/// The title of an exam under way for which the account was approved: the approval, the seat and the ticket are for the name as it is.
pub async fn name_bound_by(app: &App, conn: &mut Conn, account: i64) -> Result<Option<String>> {
    under_way(app, conn, account, |state| matches!(state, State::Approved | State::Seated | State::Released)).await
}

async fn under_way(app: &App, conn: &mut Conn, account: i64, binds: impl Fn(State) -> bool) -> Result<Option<String>> {
    for row in store::of_account(conn, account).await?.into_iter().filter(|row| binds(row.state())) {
        let exam = exams::store::find(conn, row.exam).await?;
        let subjects = exams::store::subjects(conn, exam.id).await?;
        let is_over = !subjects.is_empty() && subjects.iter().all(|subject| subject.ends_at <= app.clock.now().0);
        if exam.state() != ExamState::Archived && !is_over {
            return Ok(Some(exam.title));
        }
    }
    Ok(None)
}

/// The account's registrations, in words.
pub async fn own_data(conn: &mut Conn, account: i64) -> Result<Value> {
    let mut list = Vec::new();
    for row in store::of_account(conn, account).await? {
        let exam = exams::store::find(conn, row.exam).await?;
        let subject = match row.subject {
            Some(id) => exams::store::subject(conn, id).await?.name,
            None => String::new(),
        };
        let answers: serde_json::Map<String, Value> =
            store::answers::of(conn, row.id).await?.into_iter().map(|answer| (answer.label.clone(), answer.words().into())).collect();
        let history = store::history(conn, row.id).await?;
        list.push(json!({
            "报名号": row.public_ref,
            "考试": exam.title,
            "状态": row.state().word(),
            "报考科目": subject,
            "学籍": StudyStatus::parse(&row.study_status).map_or("", StudyStatus::word),
            "论文等级": Grade::parse(&row.thesis_grade).map_or("", Grade::word),
            "附加问题": answers,
            "须知确认时间": row.notice_accepted_at.map(|at| UnixMs(at).words()),
            "须知确认时的网络地址": store::notice_address(conn, row.id).await?,
            "提交时间": row.submitted_at.map(|at| UnixMs(at).words()),
            "记录": history.iter().map(Event::for_candidate).map(|event| json!({
                "时间": event.at, "事项": event.what, "经办": event.who, "状态": event.state_word, "说明": event.note,
            })).collect::<Vec<_>>(),
        }));
    }
    Ok(Value::from(list))
}
