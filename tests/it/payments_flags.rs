//! What is odd about a screenshot beside what it says: another copy of it was handed in before, or somebody may have changed it.

use baokao::payments::{Print, store};
use baokao::staff::Role;

use crate::payments::{at_payment, hand_in, read_proof};
use crate::support::TestApp;

/// How the number on the registration's newest screenshot looks, so many bits of it flipped from the last one on.
async fn print(app: &TestApp, registration: &str, flipped: usize) {
    let mut bits: Vec<u8> = (0..32u8).map(|at| at.wrapping_mul(37)).collect();
    for at in (0..256).rev().take(flipped) {
        bits[at / 8] ^= 1 << (at % 8);
    }
    let print = Print::stored("transaction", &bits).expect("a print");
    let proof = app
        .number(&format!("select max(p.id) from proofs p join registrations r on r.id = p.registration where r.ref = '{registration}'"))
        .await;
    let mut tx = app.db.begin().await.expect("a transaction");
    store::insert_print(&mut tx, proof, &print).await.expect("written");
    tx.commit().await.expect("committed");
}

both! {
    async fn another_copy_of_the_picture_is_flagged_and_shown_beside_it(app: TestApp) {
        let exam = app.an_exam("page").await;
        let (first, one) = at_payment(&app, &exam, "王喆").await;
        let (second, two) = at_payment(&app, &exam, "李雷").await;
        let (third, three) = at_payment(&app, &exam, "韩梅").await;
        let proof = read_proof(&app, &first, &one, 1, "").await;
        hand_in(&first, &proof).await.goes_to("/registrations/");
        // Copies: other bytes, another number typed; a few bits apart, or many.
        let copy = read_proof(&app, &second, &two, 2, "transaction_no = '4200002345202606180000000002'").await;
        let other = read_proof(&app, &third, &three, 3, "transaction_no = '4200002345202606180000000003'").await;
        for (registration, flipped) in [(&one, 0), (&two, 30), (&three, 90)] {
            print(&app, registration, flipped).await;
        }
        second.client.get(&copy).await.says("像是同一笔订单").says_not("这张截图已用于").says_not(&one);
        third.client.get(&other).await.says_not("像是同一笔订单");
        hand_in(&second, &copy).await.goes_to("/registrations/");
        hand_in(&third, &other).await.goes_to("/registrations/");

        let staff = app.a_staff_member(&[Role::Reviewer]).await;
        let case = staff.get(&format!("/console/review/payment/{two}")).await;
        case.expect(200).says("可能是同一张图").says("截图中的单号图像相同").says("王喆").says_not("韩梅");
        let earlier = format!("/console/review/payment/{two}/earlier/{one}");
        assert!(case.body().contains(&earlier), "the earlier picture stands beside it");
        let looks = "select count(*) from audit where action = 'payment.view'";
        let before = app.number(looks).await;
        staff.get(&earlier).await.expect(200);
        assert_eq!(app.number(looks).await, before + 1, "a look at another's picture is written down");
        // Only what is shared leads to another's picture, and only those who review see it.
        staff.get(&format!("/console/review/payment/{two}/earlier/{three}")).await.expect(404);
        app.a_staff_member(&[]).await.get(&earlier).await.expect(403);
        second.client.get(&earlier).await.goes_to("/console/login");
    }

    async fn what_does_not_fit_and_what_was_not_read_is_said(app: TestApp) {
        let exam = app.an_exam("page").await;
        let (person, registration) = at_payment(&app, &exam, "王喆").await;
        let columns = "signs = 'transaction:ground,paid_at:weight', problems = 'amount_missing,status_missing,several_orders', amount_fen = null, status = '',
                       reading = '{\"amount_fen\":null,\"paid_at\":null,\"transaction_no\":\"\",\"order_no\":\"\",\"payee\":\"\"}'";
        let proof = read_proof(&app, &person, &registration, 1, columns).await;
        let page = person.client.get(&proof).await;
        page.expect(200).says("截图中有的内容与周围不一致").says("没有从截图中读出，请对照截图填写").says("没有读出订单状态").says("不止一笔订单");
        person.client.submit(&page, "/proof/", &[("amount", "80")]).await.goes_to("/registrations/");
        let staff = app.a_staff_member(&[Role::Reviewer]).await;
        let case = staff.get(&format!("/console/review/payment/{registration}")).await;
        case.expect(200).says("可能改过，请放大查看").says("底色与周围不一致").says("笔画粗细与其他行不一致").says("没有读出");
        // A sign is no verdict: the case may be approved.
        assert!(case.has_form("/return") && case.body().contains("/approve"));
    }
}
