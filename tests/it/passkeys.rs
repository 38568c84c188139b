//! Passkeys of staff, with an authenticator of our own: what signs in, and everything that must not.

use baokao::crypto::sha256;
use baokao::staff::Role;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};

use crate::support::{Client, Page, TestApp};

const PASSWORD: &str = "a long password";
const ORIGIN: &str = "http://localhost:8080";
/// What a P-256 key begins with as SubjectPublicKeyInfo.
const P256: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01,
    0x07, 0x03, 0x42, 0x00,
];

fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A phone with one passkey; what it says can be bent.
struct Authenticator {
    key: EcdsaKeyPair,
    credential: Vec<u8>,
    origin: &'static str,
    site: &'static str,
    flags: u8,
    counter: u32,
    label: String,
}

impl Authenticator {
    fn new(name: u8) -> Self {
        let random = SystemRandom::new();
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).expect("a key");
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, document.as_ref(), &random).expect("a key");
        let label = if name == 1 { "我的手机".into() } else { format!("设备 {name}") };
        Self { key, credential: vec![name; 16], origin: ORIGIN, site: "localhost", flags: 0b101, counter: 0, label }
    }

    fn client_data(&self, kind: &str, challenge: &str) -> String {
        format!(r#"{{"type":"{kind}","challenge":"{}","origin":"{}","crossOrigin":false}}"#, encode(challenge.as_bytes()), self.origin)
    }

    fn data(&self, flags: u8) -> Vec<u8> {
        [sha256(self.site.as_bytes()), vec![flags], self.counter.to_be_bytes().to_vec()].concat()
    }

    /// Makes the passkey that a page offers.
    async fn add(&self, client: &Client, challenge: &str) -> Page {
        let attached = [vec![0; 16], vec![0, self.credential.len() as u8], self.credential.clone(), vec![0xa0]].concat();
        let data = [self.data(self.flags | 0b100_0000), attached].concat();
        let key = [&P256[..], self.key.public_key().as_ref()].concat();
        let client_data = self.client_data("webauthn.create", challenge);
        let fields = [
            ("name", self.label.as_str()),
            ("client_data", &encode(client_data.as_bytes())),
            ("data", &encode(&data)),
            ("public_key", &encode(&key)),
        ];
        client.post("/console/me/passkeys", &fields).await
    }

    /// Signs a challenge of the door.
    fn sign(&self, challenge: &str) -> Vec<(&'static str, String)> {
        let (client_data, data) = (self.client_data("webauthn.get", challenge), self.data(self.flags));
        let signed = [data.clone(), sha256(client_data.as_bytes())].concat();
        let signature = self.key.sign(&SystemRandom::new(), &signed).expect("signed");
        vec![
            ("credential", encode(&self.credential)),
            ("client_data", encode(client_data.as_bytes())),
            ("data", encode(&data)),
            ("signature", encode(signature.as_ref())),
        ]
    }
}

async fn send(client: &Client, fields: &[(&'static str, String)]) -> Page {
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    client.post("/console/login/passkey", &fields).await
}

/// A browser at the door, and the challenge that it was given.
async fn door(app: &TestApp) -> (Client, String) {
    let client = app.client();
    let page = client.get("/console/login").await;
    let body = page.expect(200).body();
    let challenge = body.split("data-challenge=\"").nth(1).expect("a challenge").split('"').next().expect("its end").to_owned();
    (client.as_script(), challenge)
}

async fn begin(client: &Client) -> String {
    let offer = client.post("/console/me/passkeys/begin", &[("password", PASSWORD), ("name", "新的")]).await;
    offer.expect(200).json()["challenge"].as_str().expect("a challenge").to_owned()
}

async fn with_passkey(app: &TestApp, login: &str, authenticator: &Authenticator) -> Client {
    let client = app.staff(login, &[Role::Registrar]).await;
    let challenge = begin(&client).await;
    authenticator.add(&client, &challenge).await.goes_to("/console/me");
    client
}

both! {
    async fn a_passkey_signs_in_and_counts_as_both_steps(app: TestApp) {
        let phone = Authenticator::new(1);
        let own = with_passkey(&app, "zhang", &phone).await;
        own.get("/console/me").await.expect(200).says("我的手机").says("还没有用过");
        // Somebody who must have a second factor owes nothing after it.
        app.tamper("update roles set second_factor = 1 where code = 'registrar'").await;
        let (client, challenge) = door(&app).await;
        send(&client, &phone.sign(&challenge)).await.goes_to("/console");
        client.get("/console").await.expect(200);
        assert_eq!(app.number("select count(*) from audit where action = 'staff.sign_in' and detail like '%passkey%'").await, 1);
        // Once.
        send(&app.client().as_script(), &phone.sign(&challenge)).await.expect(422).says("通行密钥没有通过，可能已被删除。");
        let boss = app.staff("boss", &[Role::Administrator]).await;
        boss.get("/console/audit").await.expect(200).says("验证方式：通行密钥");
        assert_eq!(app.number("select count(*) from audit where action = 'staff.sign_in_failed' and detail like '%passkey%'").await, 1);
        // Removed, it opens nothing.
        let id = app.number("select id from staff_passkeys").await.to_string();
        let other = app.staff("other", &[Role::Registrar]).await;
        other.post("/console/me/passkeys/remove", &[("passkey", &id)]).await.goes_to("/console/me");
        assert_eq!(app.number("select count(*) from staff_passkeys").await, 1, "another's stays");
        let gone = own.post("/console/me/passkeys/remove", &[("passkey", &id)]).await;
        own.follow(gone).await.expect(200).says("已删除通行密钥“我的手机”");
        assert_eq!(app.number("select count(*) from audit where action = 'staff.passkey_remove' and detail like '%我的手机%'").await, 1);
        let (client, challenge) = door(&app).await;
        send(&client, &phone.sign(&challenge)).await.expect(422);
    }

    async fn what_does_not_fit_signs_nobody_in(app: TestApp) {
        let mut phone = Authenticator::new(1);
        phone.counter = 5;
        with_passkey(&app, "zhang", &phone).await;
        let mut refused = Vec::new();
        let (_, challenge) = door(&app).await;
        let (_, another) = door(&app).await;
        refused.push(("never given out", phone.sign("abc.99999999999999.def")));
        refused.push(("counter did not grow", phone.sign(&challenge)));
        phone.counter = 6;
        for (field, what) in [("client_data", "another challenge"), ("data", "another counter"), ("signature", "another signature")] {
            let mut fields = phone.sign(&challenge);
            let others = Authenticator { counter: 7, ..Authenticator::new(1) }.sign(&another);
            let at = fields.iter().position(|(name, _)| *name == field).expect("the field");
            fields[at].1.clone_from(&others[at].1);
            refused.push((what, fields));
        }
        phone.origin = "http://localhost:8081";
        refused.push(("another address", phone.sign(&challenge)));
        (phone.origin, phone.site) = (ORIGIN, "exam.example");
        refused.push(("for another site", phone.sign(&challenge)));
        (phone.site, phone.flags) = ("localhost", 0b001);
        refused.push(("the person was not recognised", phone.sign(&challenge)));
        phone.flags = 0b101;
        refused.push(("somebody else's key", Authenticator { counter: 6, ..Authenticator::new(1) }.sign(&challenge)));
        refused.push(("unknown", Authenticator { counter: 6, ..Authenticator::new(2) }.sign(&challenge)));
        for (nth, (what, fields)) in refused.iter().enumerate() {
            // From an address each: many tries lock one.
            let page = send(&app.client().as_script().from_address(&format!("10.0.0.{}", nth + 1)), fields).await;
            assert_eq!(page.status, 422, "{what}");
        }
        // Where the passkey is known, the person is.
        let known = "select count(*) from audit where action = 'staff.sign_in_failed' and detail like '%passkey%zhang%'";
        assert_eq!(app.number(known).await, refused.len() as i64 - 1);
        let (client, challenge) = door(&app).await;
        app.clock.advance(600_000);
        send(&client, &phone.sign(&challenge)).await.expect(409).says("刷新页面");
        let (client, challenge) = door(&app).await;
        send(&client, &phone.sign(&challenge)).await.goes_to("/console");
        // Locked staff stay outside.
        let boss = app.staff("boss", &[Role::Administrator]).await;
        boss.post("/console/staff/of/zhang/lock", &[]).await.goes_to("/console/staff/of/zhang");
        phone.counter = 7;
        let (client, challenge) = door(&app).await;
        send(&client, &phone.sign(&challenge)).await.expect(422);
        // A reset of the second step takes passkeys along.
        boss.post("/console/staff/of/zhang/unlock", &[]).await.goes_to("/console/staff/of/zhang");
        let page = boss.get("/console/staff/of/zhang").await;
        page.expect(200).says("我的手机").says("重置两步验证和通行密钥");
        boss.submit(&page, "/zhang/second-factor", &[]).await.goes_to("/console/staff/of/zhang");
        let page = boss.get("/console/staff/of/zhang").await;
        assert!(!page.expect(200).has_form("/zhang/second-factor"));
        assert_eq!(app.number("select count(*) from audit where action = 'staff.reset_second' and detail like '%我的手机%'").await, 1);
        assert_eq!(app.number("select count(*) from staff_passkeys").await, 0);
    }

    async fn a_passkey_is_made_by_whoever_knows_the_password(app: TestApp) {
        let own = app.staff("zhang", &[Role::Registrar]).await;
        let phone = Authenticator::new(1);
        own.post("/console/me/passkeys/begin", &[("password", "wrong")]).await.expect(422).says("密码不对");
        let (_, of_the_door) = door(&app).await;
        phone.add(&own, &of_the_door).await.expect(422);
        let challenge = begin(&own).await;
        // In another session, and a second time.
        let elsewhere = app.client();
        elsewhere.post("/console/login", &[("login", "zhang"), ("password", PASSWORD)]).await.goes_to("/console");
        phone.add(&elsewhere, &challenge).await.expect(422);
        phone.add(&own, &challenge).await.goes_to("/console/me");
        Authenticator::new(2).add(&own, &challenge).await.expect(422);
        // Two of one name could not be told apart; the device is not even asked.
        let again = own.post("/console/me/passkeys/begin", &[("password", PASSWORD), ("name", " 我的手机 ")]).await;
        again.expect(422).says("已有同名的通行密钥，请换一个名字。");
        let challenge = begin(&own).await;
        let namesake = Authenticator { label: "我的手机".into(), ..Authenticator::new(2) };
        namesake.add(&own, &challenge).await.expect(422).says("已有同名的通行密钥");
        // One authenticator's name stands once, whoever's it is.
        let other = app.staff("other", &[Role::Registrar]).await;
        let challenge = begin(&other).await;
        phone.add(&other, &challenge).await.expect(422);
        assert_eq!(app.number("select count(*) from staff_passkeys").await, 1);
        for name in 2..=10 {
            let challenge = begin(&own).await;
            Authenticator::new(name).add(&own, &challenge).await.goes_to("/console/me");
        }
        own.post("/console/me/passkeys/begin", &[("password", PASSWORD), ("name", "新的")]).await.expect(409).says("已有 10 个");
    }
}
