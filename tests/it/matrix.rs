//! Every route × every role: what `web::routes` declares is what the actions do. The list of routes is the router's own, so a new route is walked from
//! the day it is written; what stands for its parameter is said in [`World::fill`].

use baokao::pictures::{self, Owner, PictureKind};
use baokao::router::table;
use baokao::staff::{self, Permission, Role, store};
use baokao::types::{Access, Permissions};
use baokao::web::routes::Route;
use baokao_specimen::encode;

use crate::messages::{ONCE, draft, send};
use crate::support::source::{begins, files, line, walk};
use crate::support::{Client, Page, TestApp};

/// One of everything that a route can be about, all of one exam.
struct World {
    exam: i64,
    exam_ref: String,
    elsewhere: i64,
    registration: String,
    account: String,
    identity: String,
    face: String,
    picture: String,
    sms: String,
    /// A registration with the same picture as proof.
    twin: String,
}

impl World {
    async fn make(app: &TestApp) -> Self {
        let (exam, elsewhere) = (app.an_exam("page").await, app.an_exam("page").await);
        let person = app.a_candidate("王喆", "会计学").await;
        let registration = app.a_registration(&person, &exam, "submitted").await;
        let image = encode::png(&baokao_specimen::RgbImage::from_pixel(8, 8, image::Rgb([1, 2, 3])));
        let (photo, qr) = (pictures::put(app, &image).await.expect("stored"), pictures::put(app, &image).await.expect("stored"));
        let mut tx = app.db.begin().await.expect("a transaction");
        let photo = pictures::record(app, &mut tx, Owner::Candidate(person.id), PictureKind::Face, photo).await.expect("recorded");
        let qr = pictures::record(app, &mut tx, Owner::Exam(exam.id), PictureKind::PaymentQr, qr).await.expect("recorded");
        tx.commit().await.expect("committed");
        let paying = app.a_candidate("王喆喆", "会计学").await;
        let twin = app.a_registration(&paying, &exam, "awaiting_payment").await;
        let registrar = app.a_staff_member(&[Role::Registrar]).await;
        send(&registrar, &draft(&exam.reference, ONCE, "send")).await.goes_to("/console/messages/");
        app.run_jobs().await;
        let row = app.number(&format!("select id from registrations where ref = '{registration}'")).await;
        let (account, empty) = (person.id, "(select sha256 from pictures limit 1)");
        for statement in [
            format!("update exams set payment_picture = {qr} where id = {}", exam.id),
            format!("update registrations set proof = 1 where id = {row}"),
            format!(
                "insert into identity_checks (id, ref, account, name_version, front_picture, back_picture, state, problems, created_at, reason, lease_until)
                 values (1, 'IDENTITY', {account}, 1, {photo}, {photo}, 'person', '', 0, '', 0)"
            ),
            format!(
                "insert into face_checks (id, ref, account, registration, way, state, challenge, expires_at, frames, picture, problems, created_at, reason, lease_until)
                 values (1, 'FACE', {account}, {row}, 'file', 'person', '', 0, '', {photo}, '', 0, '', 0)"
            ),
            format!(
                "insert into proofs (id, ref, registration, account, picture, picture_sha, state, channel, kind, transaction_no, order_no, payee, status,
                                     reading, corrected, problems, created_at, reason)
                 values (1, 'PROOF', {row}, {account}, {photo}, {empty}, 'read', '', '', '', '', '', '', '', 0, '', 0, '')"
            ),
            format!(
                "insert into proofs (id, ref, registration, account, picture, picture_sha, state, channel, kind, transaction_no, order_no, payee, status,
                                     reading, corrected, problems, created_at, reason, submitted_at)
                 select 2, 'TWIN', id, account, {photo}, {empty}, 'read', '', '', '', '', '', '', '', 0, '', 0, '', 1 from registrations where ref = '{twin}'"
            ),
            "insert into rosters (id, ref, name, heads, current, created_at) values (1, 'ROSTER', '学籍', '{}', 1, 0), (2, 'OTHER', '另一个', '{}', null, 0)".into(),
            "insert into roster_imports (id, ref, roster, file_name, object_key, state, columns, why, total, line, good, bad, added, changed, gone, created_name, created_at)
             values (1, 'IMPORT', 1, '', '', 'applied', '', '', 0, 0, 0, 0, 0, 0, 0, '', 0)".into(),
            format!(
                "insert into bulk_reviews (id, ref, staff, address, exam, approves, reason, state, created_at, starts_at)
                 select 1, 'BULK', min(id), '', {}, 1, '', 'done', 0, 0 from staff",
                exam.id
            ),
        ] {
            app.tamper(&statement).await;
        }
        Self {
            account: app.text(&format!("select ref from accounts where id = {account}")).await,
            picture: app.text(&format!("select ref from pictures where id = {photo}")).await,
            exam: exam.id,
            exam_ref: exam.reference,
            elsewhere: elsewhere.id,
            registration,
            identity: "IDENTITY".into(),
            face: "FACE".into(),
            twin,
            sms: app.text("select ref from sms_outbox").await,
        }
    }

    /// The address of a route, about one of ours.
    fn fill(&self, route: &Route) -> String {
        let path = route.path;
        if matches!(path, "/console/review/payment/next" | "/console/review/payment/bulk") {
            return format!("{path}?exam={}", self.exam_ref);
        }
        let Some((before, rest)) = path.split_once('{') else { return path.to_owned() };
        let after = rest.split_once('}').map_or("", |(_, after)| after);
        let object: &str = match before {
            "/console/exams/" | "/console/seating/" => &self.exam_ref,
            "/console/registrations/export/" | "/console/audit/export/" => "csv",
            "/console/registrations/" | "/console/review/payment/" => &self.registration,
            "/console/review/payment/bulk/" => "BULK",
            "/console/accounts/" | "/console/registrations/of/" => &self.account,
            "/console/registrations/views/" => "VIEW",
            "/console/review/identity/" => &self.identity,
            "/console/review/face/" => &self.face,
            "/console/pictures/" => &self.picture,
            "/console/messages/" => ONCE,
            "/console/messages/sms/" => &self.sms,
            "/console/rosters/" if after == "/remove" => "OTHER",
            "/console/rosters/" => "ROSTER",
            "/console/rosters/imports/" => "IMPORT",
            "/console/staff/of/" => "somebody",
            "/console/staff/roles/" => "only-look",
            "/console/invite/" => "no-such-link",
            _ => panic!("say here what stands for the parameter of {path}"),
        };
        format!("{before}{object}{}", after.replace("{other}", &self.twin))
    }
}

/// Where a role is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Everywhere,
    /// For the exam that [`World`] is about.
    Here,
    /// For another exam.
    Elsewhere,
}

struct Actor {
    name: String,
    id: i64,
    permissions: Permissions,
    place: Place,
}

/// Every permission alone and every built-in role, each for all exams, for this one and for another; and somebody without any.
async fn actors(app: &TestApp, world: &World) -> Vec<Actor> {
    let mut roles: Vec<(String, Permissions)> = vec![("nothing".into(), Permissions::default())];
    let mut tx = app.db.begin().await.expect("a transaction");
    for permission in Permission::all() {
        let code = format!("only-{}", permission.code());
        let role =
            store::RoleRow { code: code.clone(), name: code.clone(), permissions: permission.code().into(), built_in: 0, second_factor: 0 };
        assert!(store::insert_role(&mut tx, &role).await.expect("a role"));
        roles.push((code, permission.into()));
    }
    roles.extend(Role::ALL.map(|role| (role.code().to_owned(), role.permissions())));
    let mut actors = Vec::new();
    for (role, permissions) in roles {
        for (place, exam) in [(Place::Everywhere, 0), (Place::Here, world.exam), (Place::Elsewhere, world.elsewhere)] {
            let row = store::StaffRow {
                id: app.ids.make(app.clock.now()),
                login: format!("{role}-{place:?}").to_lowercase(),
                name: role.clone(),
                password: "no password fits".into(),
                disabled_at: None,
                invite_until: 0,
                totp_enc: None,
            };
            store::insert(&mut tx, &row, 0).await.expect("a staff member");
            if role != "nothing" {
                store::grant(&mut tx, row.id, &role, exam).await.expect("granted");
            }
            actors.push(Actor { name: row.login, id: row.id, permissions, place });
        }
    }
    // Whom the pages about staff are about.
    let somebody = store::StaffRow {
        id: app.ids.make(app.clock.now()),
        login: "somebody".into(),
        name: "somebody".into(),
        password: "no password fits".into(),
        disabled_at: None,
        invite_until: 0,
        totp_enc: None,
    };
    store::insert(&mut tx, &somebody, 0).await.expect("a staff member");
    tx.commit().await.expect("committed");
    actors
}

fn is_allowed(access: Access, actor: &Actor) -> bool {
    match access {
        Access::Public | Access::Staff => true,
        Access::Candidate => false,
        Access::Everywhere(any) => actor.place == Place::Everywhere && actor.permissions.has(any),
        Access::Somewhere(any) => actor.permissions.has(any),
        Access::Exam(any) => actor.place != Place::Elsewhere && actor.permissions.has(any),
    }
}

async fn ask(client: &Client, route: &Route, address: &str) -> Page {
    match route.method {
        "GET" => client.get(address).await,
        "POST" if route.path.ends_with("payment-picture") || route.path.ends_with("/logo") || route.path.ends_with("/import") => {
            client.upload(address, &[], &[]).await
        }
        "POST" => client.post(address, &[]).await,
        other => panic!("a route by {other}: teach this test how to send it"),
    }
}

fn leads_to(page: &Page, door: &str) -> bool {
    page.status == 303 && page.header("location").split('?').next() == Some(door)
}

both! {
    async fn every_route_lets_in_whom_it_says_and_nobody_else(app: TestApp) {
        let world = World::make(&app).await;
        let actors = actors(&app, &world).await;
        let routes: Vec<Route> = table(false).into_iter().filter(|route| route.path.starts_with("/console")).collect();
        assert!(routes.len() > 40, "only {} routes of the console were found", routes.len());
        let mut broken = Vec::new();
        for route in &routes {
            let address = world.fill(route);
            let nobody = ask(&app.client(), route, &address).await;
            let at_the_door = leads_to(&nobody, "/console/login");
            // These lead there by themselves: whoever signs out, and whoever has given no password yet.
            let is_the_door = matches!(route.path, "/console/logout" | "/console/login/second");
            if at_the_door == (route.access == Access::Public) && !is_the_door {
                broken.push(format!("{} {}: nobody who is signed in gets {}", route.method, route.path, nobody.status));
            }
            // Those who are refused come first: what the others do may change what there is.
            for allowed in [false, true] {
                for actor in actors.iter().filter(|actor| is_allowed(route.access, actor) == allowed) {
                    let page = ask(&app.staff_session(actor.id).await, route, &address).await;
                    let was_let_in = !matches!(page.status, 403 | 404 | 405 | 500..) && !leads_to(&page, "/console/login")
                        || is_the_door && leads_to(&page, "/console/login")
                        // There is no such room, and no such roster any more, which only those hear who may know.
                        || ["/rooms/remove", "/rosters/{ref}/remove"].iter().any(|end| route.path.ends_with(end)) && page.status == 404;
                    if (was_let_in, page.status == 403) != (allowed, !allowed) {
                        broken.push(format!("{} {}: {} gets {}, declared {:?}", route.method, address, actor.name, page.status, route.access));
                    }
                }
            }
        }
        assert!(broken.is_empty(), "{} of the matrix differ:\n{}", broken.len(), broken.join("\n"));
    }

    async fn what_is_a_candidates_asks_for_one(app: TestApp) {
        staff::actions::create(&app, "nobody", "nobody", "a long password", &[]).await.expect("a staff member");
        let strangers = [app.client(), app.staff_session(app.number("select id from staff").await).await];
        let mut broken = Vec::new();
        for route in table(true).iter().filter(|route| !route.path.starts_with("/console")) {
            let address = route.path.replace(['{', '}'], "");
            for stranger in &strangers {
                let page = ask(stranger, route, &address).await;
                let is_right = match route.access {
                    // Signing out, or a registration that was never begun, ends at the door too.
                    Access::Public => (route.method == "POST" || !leads_to(&page, "/login")) && page.status != 403 && page.status < 500,
                    Access::Candidate => leads_to(&page, "/login"),
                    _ => false,
                };
                if !is_right {
                    broken.push(format!("{} {}: {}, declared {:?}", route.method, route.path, page.status, route.access));
                }
            }
        }
        assert!(broken.is_empty(), "differ:\n{}", broken.join("\n"));
    }
}

#[test]
fn routes_are_made_in_one_place() {
    let mut broken = Vec::new();
    for source in files("src", ".rs").iter().filter(|source| source.path != "src/web/routes.rs") {
        walk(&source.tokens(), &mut |tokens| {
            for name in ["route", "route_service", "nest", "nest_service", "fallback", "fallback_service"] {
                if begins(tokens, &[".", name]) {
                    broken.push(source.at(line(&tokens[0]), "make routes with web::routes::Routes, which asks who may use them"));
                }
            }
        });
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}
