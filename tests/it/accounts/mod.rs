//! Candidates' accounts, in the words of the manual: 注册, 登录, 个人中心.

mod centre;
mod codes;
mod console;
mod entrance;
mod privacy;
mod register;
mod sign_in;

use baokao::accounts::challenge;
use baokao_specimen::number::{NOWHERE, resident};

use crate::support::{Client, Page, TestApp};

pub(crate) const PHONE: &str = "13800000001";
pub(crate) const PASSWORD: &str = "kaoshi-2026";

/// A valid number that nobody has; each `n` is another one.
pub(crate) fn number(n: u16) -> String {
    resident(NOWHERE, jiff::civil::date(1990, 1, 2), n)
}

/// Step 1 as a mainland candidate fills it in.
pub(crate) fn person<'a>(name: &'a str, number: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("name", name),
        ("region", "mainland"),
        ("document_kind", "resident_card"),
        ("number", number),
        ("candidate_type", "专升本"),
        ("major", "会计学"),
        ("consent", "1"),
    ]
}

/// Presses 获取验证码 on a page with a code field, the work done as a browser would; `fields` are what is typed.
pub(crate) async fn ask_for_code(client: &Client, page: &Page, to: &str, fields: &[(&str, &str)]) -> Page {
    let challenge = page.form_value("challenge").expect("a challenge on the page");
    let nonce = challenge::solve(&challenge);
    let mut all = vec![("challenge", challenge.as_str()), ("pow_nonce", nonce.as_str())];
    all.extend(fields);
    client.post(to, &all).await
}

/// Goes through steps 1 and 2.
pub(crate) async fn prove_phone(app: &TestApp, client: &Client, name: &str, number: &str, phone: &str) {
    client.post("/register", &person(name, number)).await.goes_to("/register/phone");
    let page = client.get("/register/phone").await;
    ask_for_code(client, &page, "/register/phone/code", &[("phone", phone)]).await.goes_to("/register/phone");
    let code = app.last_code(phone).await;
    client.post("/register/phone", &[("phone", phone), ("code", &code)]).await.goes_to("/register/password");
}

/// Registers, the whole way.
pub(crate) async fn register(app: &TestApp, name: &str, number: &str, phone: &str) {
    let client = app.client();
    prove_phone(app, &client, name, number, phone).await;
    client.post("/register/password", &[("password", PASSWORD), ("again", PASSWORD)]).await.goes_to("/register/done");
    // The next code for this phone may be asked for.
    app.clock.advance(61_000);
}

/// Signs in with a new browser.
pub(crate) async fn sign_in(app: &TestApp, number: &str) -> Client {
    let client = app.client();
    client.post("/login", &[("number", number), ("password", PASSWORD)]).await.goes_to("/");
    client
}

/// A registered candidate who is signed in.
pub(crate) async fn candidate(app: &TestApp, n: u16) -> Client {
    let number = number(n);
    register(app, "王喆", &number, &format!("1380000{n:04}")).await;
    sign_in(app, &number).await
}

/// A staff member with these roles who is signed in.
pub(crate) async fn staff(app: &TestApp, login: &str, roles: &[baokao::staff::Role]) -> Client {
    baokao::staff::actions::create(app.app(), login, "张老师", "long-enough-2026", roles).await.expect("created");
    let client = app.client();
    client.post("/console/login", &[("login", login), ("password", "long-enough-2026")]).await.goes_to("/console");
    client
}
