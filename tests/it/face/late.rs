//! A face that is sent back when the candidate can do nothing about it any more.

use baokao::staff::Role;

use super::poses::{self as poses, jpeg};
use super::scene::candidate;
use crate::support::TestApp;

both! {
    async fn the_reviewer_is_warned_and_the_candidate_is_not_sent_to_a_closed_door(app: TestApp) {
        let one = candidate(&app).await;
        let photo = jpeg(poses::candidate());
        let cases = [
            ("2026-06-30T17:00", false, "人脸审核没有通过，需要您处理|原因：请摘下口罩。 请重新完成人脸识别这一步。"),
            ("2026-06-30T18:00", true, "人脸审核没有通过|原因：请摘下口罩。 提交和修改的时间已过，请联系学校。"),
        ];
        for (moment, is_late, message) in cases {
            app.at("2026-06-30T16:00");
            one.client.upload(&one.at("/holding"), &[("agree", "yes")], &[("photo", "me.jpg", &photo)]).await.expect(303);
            let case = format!("/console/review/face/{}", one.check_ref(&app).await);
            app.at(moment);
            let reviewer = app.a_staff_member(&[Role::Reviewer]).await;
            assert_eq!(reviewer.open(&case).await.has("现在退回，考生不能再提交"), is_late, "{moment}");
            reviewer.post(&format!("{case}/return"), &[("words", "请摘下口罩。")]).await.expect(303);
            app.run_jobs().await;
            assert_eq!(app.text("select title || '|' || body from messages order by id desc limit 1").await, message);
        }
    }
}
