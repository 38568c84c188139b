//! What the first page tells.

use crate::app::App;
use crate::error::Result;
use crate::exams::{self, view::ExamView};
use crate::registrations::actions::console::counts;
use crate::registrations::{self, State};
use crate::staff::{Permission, Staff};
use crate::web::layout::QueueCounts;
use crate::{face, identity};

/// Exams with their numbers, newest first.
const MAX_EXAMS: i64 = 8;

/// A queue in which cases wait for a person.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs, reason = "what the page shows")]
pub struct Waiting {
    pub word: &'static str,
    pub href: &'static str,
    pub count: i64,
}

/// An exam with its numbers by state.
#[derive(Debug)]
#[allow(missing_docs, reason = "what the page shows")]
pub struct ExamNumbers {
    pub view: ExamView,
    pub counts: Vec<(State, i64)>,
    pub total: String,
}

/// Everything on the first page.
#[derive(Debug)]
pub struct Overview {
    /// The queues that this person may work in.
    pub waiting: Vec<Waiting>,
    /// The exams that candidates see; none for somebody who may not see registrations.
    pub exams: Vec<ExamNumbers>,
    /// Whether this person may see registrations.
    pub sees_exams: bool,
    /// Whether this person may create exams.
    pub creates_exams: bool,
}

/// How many cases wait for a person.
pub async fn queue_counts(app: &App) -> Result<QueueCounts> {
    let mut conn = app.db.read().await?;
    Ok(QueueCounts {
        identity: identity::store::waiting(&mut conn).await?,
        face: face::store::waiting(&mut conn).await?,
        payment: registrations::store::lists::waiting(&mut conn).await?,
    })
}

/// For whoever is signed in: each sees what they may work on.
pub async fn overview(app: &App, staff: &Staff) -> Result<Overview> {
    let queues = queue_counts(app).await?;
    let waiting = [
        (Permission::ReviewIdentity, Waiting { word: "实名审核", href: "/console/review/identity", count: queues.identity }),
        (Permission::ReviewIdentity, Waiting { word: "人脸审核", href: "/console/review/face", count: queues.face }),
        (Permission::ReviewPayment, Waiting { word: "缴费审核", href: "/console/review/payment", count: queues.payment }),
    ];
    let waiting = waiting.into_iter().filter(|(needs, _)| staff.may(*needs)).map(|(_, queue)| queue).collect();
    let sees_exams = staff.may(Permission::Candidates);
    let mut exams = Vec::new();
    if sees_exams {
        let mut conn = app.db.read().await?;
        for exam in exams::store::visible(&mut conn, MAX_EXAMS).await? {
            let counts = counts(&mut conn, &exam).await?;
            let total = registrations::total_words(&counts);
            exams.push(ExamNumbers { view: ExamView { exam, subjects: Vec::new(), now: app.clock.now() }, counts, total });
        }
    }
    Ok(Overview { waiting, exams, sees_exams, creates_exams: staff.may(Permission::Exams) })
}
