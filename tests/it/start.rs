//! Starting the program: on the right data, with the right key, once.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::time::{Duration, Instant};

use baokao::app::App;
use baokao::demo;
use baokao::staff::Role;

use crate::support::TestApp;
use crate::support::server::Server;

fn any_port() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

both! {
    async fn a_database_wants_the_key_that_it_was_written_with(app: TestApp) {
        let open = async || App::open(app.config.clone(), app.clock.clone()).await.map(|_| ()).map_err(|error| error.to_string());
        open().await.expect("the key is there");
        let file = app.folder().join("keys/master.key");
        let kept = std::fs::read(&file).expect("the key");
        std::fs::remove_file(&file).expect("removed");
        let refusal = open().await.expect_err("no key");
        assert!(refusal.contains("master.key is missing") && refusal.contains("backup"), "{refusal}");
        assert!(!file.exists(), "no other key takes its place");
        std::fs::write(&file, [7; 32]).expect("another key");
        let refusal = open().await.expect_err("another key");
        assert!(refusal.contains("is not the key that this database was written with"), "{refusal}");
        std::fs::write(&file, kept).expect("put back");
        open().await.expect("the key is back");
        assert_eq!(std::fs::read_dir(app.folder().join("keys")).expect("the folder").count(), 1, "nothing unfinished is left");
    }

    async fn a_key_that_cannot_be_read_is_not_replaced(app: TestApp) {
        let file = app.folder().join("keys/master.key");
        std::fs::remove_file(&file).expect("removed");
        std::fs::create_dir(&file).expect("something else stands there");
        app.tamper("delete from installation").await;
        assert!(App::open(app.config.clone(), app.clock.clone()).await.is_err());
    }

    async fn the_demo_refuses_data_of_a_school(app: TestApp) {
        app.a_staff_member(&[Role::Registrar]).await;
        let refusal = demo::actions::seed(app.app()).await.expect_err("refused").to_string();
        assert!(refusal.contains("not a demo's"), "{refusal}");
        assert_eq!(app.number("select count(*) from staff where login = 'demo'").await, 0);
    }

    async fn other_commands_refuse_data_of_the_demo(app: TestApp) {
        demo::actions::seed(app.app()).await.expect("filled");
        demo::actions::seed(app.app()).await.expect("filled before");
        for arguments in [&["serve"][..], &["worker"], &["migrate"], &["staff", "create", "li", "--name", "李老师", "--roles", "auditor"]] {
            let refusal = Server::refused(&app, arguments, any_port());
            assert!(refusal.contains("is a demo's"), "{arguments:?}: {refusal}");
        }
        assert_eq!(app.number("select count(*) from staff").await, 1);
    }
}

#[tokio::test]
async fn a_second_start_disturbs_nothing_of_the_first() {
    let app = TestApp::sqlite().await;
    app.tamper(
        "insert into jobs (id, queue, kind, payload, state, priority, attempts, run_at, lease_until, last_error, created_at)
         values (1, 'vision', 'no.such', '{}', 'running', 1, 1, 0, 0, '', 0)",
    )
    .await;
    let first = TcpListener::bind(any_port()).expect("a port");
    let refusal = Server::refused(&app, &["serve"], first.local_addr().expect("its address"));
    assert!(refusal.contains("cannot listen on"), "{refusal}");
    assert_eq!(app.text("select state from jobs").await, "running", "the first has it in hand");
}

#[tokio::test]
async fn a_connection_that_sends_no_request_is_closed() {
    let app = TestApp::sqlite().await;
    let server = Server::start(&app);
    let (mut silent, mut slow, mut idle) = (server.connect(), server.connect(), server.connect());
    let began = Instant::now();
    slow.write_all(b"GET / HTTP/1.1\r\nHost: ").expect("sent");
    idle.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").expect("sent");
    for socket in [&mut silent, &mut slow, &mut idle] {
        let mut answer = Vec::new();
        socket.read_to_end(&mut answer).expect("closed");
        assert!(began.elapsed() < Duration::from_secs(50), "half a minute, not for ever");
    }
    assert!(began.elapsed() > Duration::from_secs(20), "a slow network has its time");
}
