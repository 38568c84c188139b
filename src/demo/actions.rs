//! What the demo starts with: a staff account, and a published exam with rooms.

use crate::app::App;
use crate::audit;
use crate::db::installation;
use crate::error::{Error, Result};
use crate::exams::actions::By;
use crate::exams::form::{ExamForm, SubjectForm};
use crate::exams::{self, PaymentWay};
use crate::staff::{self, Role};
use crate::types::Fen;

/// The demo's staff account.
pub const LOGIN: &str = "demo";
/// Its password.
pub const PASSWORD: &str = "baokao-demo";
/// The demo exam's fee.
pub const FEE: Fen = Fen(8000);
/// What the fee is called (the manual).
pub const FEE_NAME: &str = "成人高等教育学士学位外语水平考试费";
/// Whose demo it is.
pub const SCHOOL: &str = "示范大学继续教育学院";
/// Who is paid.
pub const PAYEE: &str = "示范大学";

/// Fills an empty demo; does nothing to one that is filled. Refuses data of a school, because it makes an account whose password everybody knows.
pub async fn seed(app: &App) -> Result<()> {
    mark(app).await?;
    let is_seeded = staff::store::find_by_login(&mut *app.db.read().await?, LOGIN).await?.is_some();
    if is_seeded {
        return Ok(());
    }
    // The staff account comes last: where it is missing, filling was cut short and is done again.
    let year = app.clock.now().local().year();
    publish_exam(app, format!("{year}年下半年学士学位外语考试"), 1, PaymentWay::Page).await?;
    staff::actions::create(app, LOGIN, "演示老师", PASSWORD, &[Role::Registrar, Role::Administrator, Role::Auditor]).await
}

async fn mark(app: &App) -> Result<()> {
    let mut tx = app.db.begin().await?;
    if !installation::is_demo(&mut tx).await? {
        if !audit::is_empty(&mut tx).await? {
            let data = app.config.data.display();
            return Err(Error::internal(format!(
                "the data in {data} is not a demo's: a demo begins with an empty folder. Set BAOKAO_DATA to another one."
            )));
        }
        installation::mark_demo(&mut tx).await?;
    }
    tx.commit().await?;
    Ok(())
}

const NOTICE: &str = "\
## 一、报名条件

1. 本校在籍或已毕业的成人高等教育本科学生，本人自愿报名。
2. 已毕业的考生，论文成绩须达到“中”及以上。

## 二、报名流程

1. 阅读报考须知，完成人脸识别。
2. 核对报考信息，选择考试科目。
3. 扫描付款二维码，在学校缴费页面完成缴费，**缴费人与报名人须为同一人**。
4. 上传订单详情截图，等待审核。

## 三、注意事项

- 请在报名时间截止前完成缴费，过时缴费导致的报考失败由考生负责。
- 修改报考信息时可以使用之前的订单截图，**切勿重复缴费**。
- 审核通过后，请留意准考证下载时间，凭准考证和身份证原件参加考试。
";

const TICKET_RULES: &str = "\
考生凭准考证和身份证原件，在开考前 30 分钟进入考场。
迟到 15 分钟不得入场，开考 30 分钟后方可交卷离场。
手机等通讯工具请关机并放在指定位置，不得带到座位上。
诚信应考，违纪和作弊按有关规定处理。";

/// Creates and publishes an exam with two subjects, the so-manieth of the year; returns its public reference.
pub(super) async fn publish_exam(app: &App, title: String, batch: u8, way: PaymentWay) -> Result<String> {
    let now = app.clock.now();
    let day = |days: i64, clock: &str| {
        let date = now.plus_s(days * 86_400).local().date();
        format!("{date}T{clock}")
    };
    let year = now.local().year();
    let form = ExamForm {
        title,
        notice: NOTICE.into(),
        opens_at: day(-1, "08:00"),
        closes_at: day(20, "18:00"),
        fee_name: FEE_NAME.into(),
        fee: FEE.yuan(),
        payment_url: "https://pay.example.edu.cn/degree-english".into(),
        payee: PAYEE.into(),
        ticket_rules: TICKET_RULES.into(),
        ticket_prefix: format!("{:02}{batch}", year % 100),
        payment_way: way.code().into(),
        subjects: vec![
            SubjectForm {
                code: "01".into(),
                name: "英语".into(),
                starts_at: day(45, "09:00"),
                ends_at: day(45, "11:00"),
                ..SubjectForm::default()
            },
            SubjectForm {
                code: "02".into(),
                name: "日语".into(),
                starts_at: day(45, "09:00"),
                ends_at: day(45, "11:00"),
                ..SubjectForm::default()
            },
        ],
        ..ExamForm::default()
    };
    let reference = exams::actions::create(app, By::Shell, &form).await?;
    exams::actions::publish(app, By::Shell, &reference).await?;
    Ok(reference)
}

/// What the terminal says.
pub fn welcome(app: &App) -> String {
    let url = &app.config.public_url;
    format!(
        "\n  Baokao 报考 — demo\n\n  candidate   {url}/\n  guide       {url}/demo           what to do, in order\n  specimens   {url}/demo/card      {url}/demo/receipt\n  SMS codes   {url}/demo/outbox\n  \
         staff       {url}/console        {LOGIN} / {PASSWORD}\n  data        {}\n",
        app.config.data.display()
    )
}
