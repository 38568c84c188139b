//! What a change of an exam means for those who are registered: what may not change under them any more, and what they are told.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::form::ExamValues;
use super::view::ExamView;
use super::{Exam, ExamState, PaymentWay, Subject};
use crate::app::App;
use crate::db::Tx;
use crate::error::{Error, Problems, Result};
use crate::jobs::{self, NewJob, PRIORITY_BATCH, Queue};
use crate::types::UnixMs;

/// What stands on seats and tickets stays as it is from the arrangement on: codes, names and times of subjects, and the prefix of the numbers.
pub(super) async fn require_unseated(app: &App, tx: &mut Tx, exam: &Exam, subjects: &[Subject], values: &ExamValues) -> Result<()> {
    let is_released = exam.tickets_released_at.is_some();
    if !is_released && !app.exam_is_seated(tx, exam.id).await? {
        return Ok(());
    }
    let (why, how) = if is_released {
        ("准考证已经发布", "如有变动，请另行通知考生。")
    } else {
        ("考场已经编排", "如需修改，请先在“考场编排”中取消编排。")
    };
    let is_kept = |old: &Subject| {
        values.subjects.iter().any(|row| {
            row.id == Some(old.id)
                && (&row.code, &row.name, row.starts_at, row.ends_at) == (&old.code, &old.name, old.starts_at, old.ends_at)
        })
    };
    let mut problems = Problems::new();
    if !subjects.iter().all(is_kept) {
        problems.add("subjects", format!("{why}，已有科目的代码、名称和时间不能再改，也不能删除。{how}"));
    }
    if exam.ticket_prefix != values.ticket_prefix {
        problems.add("ticket_prefix", format!("{why}，准考证号前缀不能再改。{how}"));
    }
    problems.into_result()
}

/// Whoever signed up did what was asked then: later nothing more can be asked of them. Less can.
pub(super) async fn require_no_stricter(app: &App, tx: &mut Tx, before: &Exam, values: &ExamValues) -> Result<()> {
    let is_stricter = before.state() != ExamState::Draft && values.checks > before.checks();
    if is_stricter && app.registered(tx, before.id).await?.0 > 0 {
        let sentence = format!("已有人报名，他们没有做过新增的核验。现在是“{}”，只能减少，不能增加。", before.checks().word());
        return Err(Error::invalid("checks", sentence));
    }
    Ok(())
}

/// What is told of a change: the payload of the job `exams.changed`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct News {
    /// Row id.
    pub exam: i64,
    /// Its title.
    pub title: String,
    /// For everybody.
    pub all: Vec<String>,
    /// For those who chose the subject with this row id.
    pub subjects: BTreeMap<i64, String>,
    /// The fee, for those who have not handed in: the others owe what was asked of them.
    #[serde(default)]
    pub fee: String,
    /// The same by subject.
    #[serde(default)]
    pub fees: BTreeMap<i64, String>,
    /// Registrations up to this row id have been told.
    pub told: i64,
}

impl News {
    fn of(before: &Exam, after: &Exam, old: &[Subject], new: &[Subject]) -> Self {
        let mut all = Vec::new();
        match (before.state(), after.state()) {
            (ExamState::Published, ExamState::Closed) => all.push("学校已提前关闭报名，不能再提交、修改或缴费".to_owned()),
            (ExamState::Closed, ExamState::Published) => all.push("报名重新开放".to_owned()),
            _ => {}
        }
        let mut dates = vec![
            ("报名开始时间", before.opens_at, after.opens_at),
            ("报名截止时间", before.closes_at, after.closes_at),
            ("修改截止时间", before.edit_until, after.edit_until),
        ];
        if after.way() != PaymentWay::Free {
            dates.push(("缴费截止时间", before.pay_until, after.pay_until));
        }
        let moved = dates.into_iter().filter(|(_, was, is)| was != is);
        all.extend(moved.map(|(what, _, is)| format!("{what}改为 {}", UnixMs(is).words())));
        let view = |exam: &Exam, subjects: &[Subject]| ExamView { exam: exam.clone(), subjects: subjects.to_vec(), now: UnixMs(0) };
        let (was, is) = (view(before, old), view(after, new));
        let is_one_fee = was.is_free() != is.is_free() || old.iter().chain(new).all(|subject| subject.fee_fen.is_none());
        let fee = if is_one_fee && was.fee() != is.fee() { format!("报名费改为 {}", is.fee()) } else { String::new() };
        if before.way() != after.way() && after.way() != PaymentWay::Free {
            all.push(format!("缴费方式改为{}", after.way().word()));
        }
        if before.checks() != after.checks() {
            all.push(format!("身份核验改为{}", after.checks().word()));
        }
        let of_subject = |is: &Subject| {
            let was = old.iter().find(|was| was.id == is.id)?;
            let moved = (was.starts_at, was.ends_at) != (is.starts_at, is.ends_at);
            moved.then(|| (is.id, format!("科目“{}”的考试时间改为 {}", is.name, is.time_words())))
        };
        let fee_of = |is: &Subject| {
            let was = old.iter().find(|was| was.id == is.id)?;
            let (cost, costs) = (before.fee_of(Some(was)), after.fee_of(Some(is)));
            (!is_one_fee && cost != costs).then(|| (is.id, format!("科目“{}”的报名费改为 {costs}", is.name)))
        };
        let fees = new.iter().filter_map(fee_of).collect();
        let subjects = new.iter().filter_map(of_subject).collect();
        Self { exam: after.id, title: after.title.clone(), all, subjects, fee, fees, told: 0 }
    }

    fn is_empty(&self) -> bool {
        self.all.is_empty() && self.subjects.is_empty() && self.fee.is_empty() && self.fees.is_empty()
    }

    /// The sentence for somebody who chose this subject and was asked for a fee already, or was not; `None` where nothing concerns them.
    pub fn sentence(&self, subject: Option<i64>, was_asked: bool) -> Option<String> {
        let own = |of: &'_ BTreeMap<i64, String>| subject.and_then(|id| of.get(&id)).cloned();
        let fees = [Some(self.fee.clone()).filter(|fee| !fee.is_empty()), own(&self.fees)].into_iter().flatten().filter(|_| !was_asked);
        let parts: Vec<String> = self.all.iter().cloned().chain(own(&self.subjects)).chain(fees).collect();
        (!parts.is_empty()).then(|| format!("“{}”有变动：{}。请以最新内容为准。", self.title, parts.join("；")))
    }
}

/// What a change means for those who are registered.
#[derive(Clone, Debug, Default)]
pub struct Meaning {
    /// A sentence each.
    pub list: Vec<String>,
    /// Tells this meaning from any other, however many people it is for: they come and go while somebody reads.
    pub mark: String,
}

/// What a change means; `None` where nobody is registered, or where it concerns none of them.
pub(super) async fn meaning(
    app: &App,
    tx: &mut Tx,
    (before, old): (&Exam, &[Subject]),
    (after, new): (&Exam, &[Subject]),
) -> Result<Option<Meaning>> {
    let news = News::of(before, after, old, new);
    let is_dearer_or_cheaper = !news.fee.is_empty() || !news.fees.is_empty();
    let sentences = |people: &str, unfinished: &str| {
        let mut list: Vec<String> = news.all.iter().map(|what| format!("已报名的 {people} 人会收到消息：{what}。")).collect();
        list.extend(news.subjects.values().map(|what| format!("选了这个科目的人会收到消息：{what}。")));
        let fees = Some(&news.fee).filter(|fee| !fee.is_empty()).into_iter().chain(news.fees.values());
        list.extend(fees.map(|what| format!("还没有提交的人会收到消息：{what}。")));
        let mut also = |is: bool, sentence: String| list.extend(is.then_some(sentence));
        also(is_dearer_or_cheaper, "已经提交的报名仍按提交时的报名费核对，不会自动补缴或退款。".into());
        also(before.payment_way != after.payment_way, "已经提交的报名不变，还没有提交的按新的缴费方式办理。".into());
        also(before.thesis_floor != after.thesis_floor, "已经提交的报名不会按新的论文等级重新检查，修改后再次提交时才检查。".into());
        also(before.checks() != after.checks(), "身份核验减少以后，有人报名的考试不能再增加。".into());
        also(before.notice != after.notice, format!("还没有填完的 {unfinished} 人需要重新阅读报考须知。"));
        list
    };
    let mark = sentences("", "").join(" ");
    if before.state() == ExamState::Draft || mark.is_empty() {
        return Ok(None);
    }
    let (people, unfinished) = app.registered(tx, before.id).await?;
    Ok((people > 0).then(|| Meaning { list: sentences(&people.to_string(), &unfinished.to_string()), mark }))
}

/// Has everybody who is registered told of a change of dates, fee or state, in the transaction of the change.
pub(super) async fn tell(app: &App, tx: &mut Tx, (before, old): (&Exam, &[Subject]), (after, new): (&Exam, &[Subject])) -> Result<()> {
    let news = News::of(before, after, old, new);
    // Nobody is registered for a draft.
    if before.state() == ExamState::Draft || news.is_empty() {
        return Ok(());
    }
    let job = NewJob {
        kind: "exams.changed",
        queue: Queue::Default,
        priority: PRIORITY_BATCH,
        payload: serde_json::to_value(&news)?,
        unique_key: None,
        run_at: app.clock.now(),
    };
    jobs::enqueue(app, tx, job).await
}
