//! 系统状态: whether everything is there that the program needs, and what to do where it is not. Everything goes on without models: people decide.

use askama::Template;
use axum::extract::State as Shared;
use axum::response::Response;

use crate::app::App;
use crate::db::Engine;
use crate::error::Result;
use crate::face::stored::Gauge;
use crate::jobs::{self, Queue};
use crate::ports::sms::Kind;
use crate::staff::{Permission, Staff};
use crate::types::{Permissions, UnixMs};
use crate::web::client::Client;
use crate::web::layout::ConsolePage;
use crate::web::{self};

/// Who sees it.
pub(super) const WHO: Permissions = Permission::Administer.or_look();

/// One thing that the program needs.
struct Line {
    what: &'static str,
    is_well: bool,
    words: String,
}

/// A queue of background work.
struct Work {
    what: &'static str,
    waiting: i64,
    /// Since when the oldest waits, or "".
    oldest: String,
    /// Those that failed at every try.
    failed: i64,
}

#[derive(Template)]
#[template(path = "overview/pages/health.html")]
struct HealthPage {
    page: ConsolePage,
    lines: Vec<Line>,
    work: Vec<Work>,
}

pub(super) async fn show(Shared(app): Shared<App>, staff: Staff, client: Client) -> Result<Response> {
    staff.require(WHO)?;
    let mut conn = app.db.read().await?;
    let faces = Gauge::read(&app, &mut conn).await?;
    let standing = jobs::standing(&mut conn).await?;
    drop(conn);
    let of = |queue: Queue, state: &str| standing.iter().find(|s| s.0 == queue.code() && s.1 == state).map_or((0, None), |s| (s.2, s.3));
    let work = Queue::ALL.map(|queue| {
        let (waiting, oldest) = of(queue, "queued");
        let what = match queue {
            Queue::Default => "消息与整理",
            Queue::Vision => "照片识别",
            Queue::Codes => "验证码短信",
            Queue::Sms => "其他短信",
            Queue::Files => "名单导入",
        };
        Work { what, waiting, oldest: oldest.map_or_else(String::new, |at| UnixMs(at).words()), failed: of(queue, "failed").0 }
    });
    let (lines, work) = (lines(&app, faces), work.into());
    web::html(&HealthPage { page: staff.page(&app, &client, "health"), lines, work })
}

fn lines(app: &App, faces: Gauge) -> Vec<Line> {
    let models = match app.vision.available() {
        Ok(()) => Line { what: "识别模型", is_well: true, words: "齐全，证件、人脸和订单截图由本机识别。".into() },
        Err(missing) => {
            let file = missing.file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let words = format!(
                "缺少 {file}。报名不受影响：证件、人脸和订单截图都由工作人员审核。要恢复自动识别，请在服务器的程序文件夹运行 make assets，再重新启动。"
            );
            Line { what: "识别模型", is_well: false, words }
        }
    };
    let fonts = match app.fonts() {
        Ok(_) => Line { what: "字体", is_well: true, words: "齐全，可以生成准考证。".into() },
        Err(_) => {
            let words = "缺少字体，不能生成准考证。请在服务器的程序文件夹运行 make assets，再重新启动。";
            Line { what: "字体", is_well: false, words: words.into() }
        }
    };
    let database = match app.db.engine() {
        Engine::Sqlite => "SQLite，数据在本机的数据文件夹中。",
        Engine::Postgres => "PostgreSQL，可以由多个进程共用。",
    };
    let sms = if app.settings().sends(Kind::Code) {
        Line { what: "短信", is_well: true, words: "可以发送验证码。".into() }
    } else {
        Line {
            what: "短信", is_well: false, words: "还不能发送验证码，考生无法注册。请在“设置 - 短信”中填写服务商和模板。".into()
        }
    };
    vec![
        models,
        fonts,
        sms,
        Line { what: "数据库", is_well: true, words: database.into() },
        Line { what: "人脸特征", is_well: !faces.is_near_filing(), words: faces.words() },
        Line { what: "程序版本", is_well: true, words: env!("CARGO_PKG_VERSION").into() },
    ]
}
