//! The three windows of an exam: signing up, changes, payment. Each binds its own steps, up to its last millisecond.

use crate::identity::blank;
use crate::support::TestApp;

both! {
    async fn each_window_is_its_own(app: TestApp) {
        let exam = app.an_exam("page").await;
        app.tamper("update exams set edit_until = closes_at - 86400000, pay_until = closes_at + 86400000").await;
        let submitted = app.a_candidate("王喆", "会计学").await;
        let base = format!("/registrations/{}", app.a_registration(&submitted, &exam, "submitted").await);
        let payer = app.a_candidate("李雷", "会计学").await;
        let proof = format!("/registrations/{}/proof", app.a_registration(&payer, &exam, "awaiting_payment").await);
        let picture = blank();
        let upload = async || payer.client.upload(&proof, &[], &[("picture", "order.png", &picture)]).await;
        let start = format!("/exams/{}/start", exam.reference);
        let (newcomer, late) = (app.a_candidate("韩梅", "会计学").await, app.a_candidate("林涛", "会计学").await);

        app.at("2026-06-29T18:00");
        submitted.client.post(&format!("{base}/change"), &[]).await.expect(409).says("修改报考信息的时间已于 2026年6月29日 18:00 截止");
        submitted.client.post(&format!("{base}/withdraw"), &[]).await.expect(409).says("撤回报名的时间已于 2026年6月29日 18:00 截止");
        newcomer.client.post(&start, &[]).await.goes_to("/registrations/");

        app.at("2026-06-30T18:00");
        late.client.post(&start, &[]).await.expect(409).says("报名已于 2026年6月30日 18:00 截止");
        upload().await.expect(303);

        app.at("2026-07-01T18:00");
        upload().await.expect(409).says("缴费已于 2026年7月1日 18:00 截止");

        // Changes may also be allowed for longer than signing up.
        app.tamper("update exams set edit_until = closes_at + 86400000").await;
        app.at("2026-06-30T18:00");
        submitted.client.post(&format!("{base}/change"), &[]).await.goes_to(&format!("{base}/information"));
    }
}
