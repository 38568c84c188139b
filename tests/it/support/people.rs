//! People who are signed in already, for tests that begin behind the door.

use axum_extra::extract::cookie::Cookie;
use baokao::accounts::store::changes::{self, NewRow};
use baokao::app::App;
use baokao::staff::{self, Role};
use baokao::types::{DocumentKind, DocumentNumber, PersonName, Phone, Region};
use baokao::web::client::Client as Asker;
use baokao::web::session::{self, Kind};

use super::scene::Person;
use super::{Client, TestApp};

impl TestApp {
    /// A candidate with a resident card.
    pub(crate) async fn candidate(&self, name: &str, number: &str) -> Person {
        self.candidate_with(DocumentKind::ResidentCard, name, number).await
    }

    /// A candidate with another document.
    pub(crate) async fn candidate_with(&self, kind: DocumentKind, name: &str, number: &str) -> Person {
        let today = self.clock.now().date();
        let new = NewRow {
            region: Region::Mainland,
            number: &DocumentNumber::parse(kind, number, today).expect("a valid number"),
            name: &PersonName::parse(name).expect("a name"),
            phone: &Phone::parse("13812341234").expect("a phone"),
            password_hash: "no password fits".into(),
            candidate_type: "成人高等教育".into(),
            major: "工商管理".into(),
        };
        let mut tx = self.db.begin().await.expect("a transaction");
        let id = changes::insert(self.app(), &mut tx, new).await.expect("written").expect("a number that is free");
        tx.commit().await.expect("committed");
        Person { id, client: self.signed_in(Kind::Candidate, id).await }
    }

    /// A staff member in these roles, signed in at the console; the login is also the name.
    pub(crate) async fn staff(&self, login: &str, roles: &[Role]) -> Client {
        staff::actions::create(self.app(), login, login, "a long password", roles).await.expect("a staff member");
        let row = staff::store::find_by_login(&mut self.db.read().await.expect("a connection"), login).await.expect("found");
        self.signed_in(Kind::Staff, row.expect("a row").id).await
    }

    /// A browser in which this staff member is signed in.
    pub(crate) async fn staff_session(&self, id: i64) -> Client {
        self.signed_in(Kind::Staff, id).await
    }

    async fn signed_in(&self, kind: Kind, owner: i64) -> Client {
        let cookie = open_session(self.app(), kind, owner).await;
        let client = self.client();
        client.set_cookie(cookie.name(), cookie.value());
        client
    }
}

async fn open_session(app: &App, kind: Kind, owner: i64) -> Cookie<'static> {
    let asker = Asker { address: "127.0.0.1".into(), https: false, user_agent: String::new(), wants_json: false, flash: None };
    let mut tx = app.db.begin().await.expect("a transaction");
    let cookie = session::open(app, &mut tx, kind, owner, &asker).await.expect("a session");
    tx.commit().await.expect("committed");
    cookie
}
