//! The real program as a process of its own, to be killed, and a client over a plain socket.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::app::TestApp;

/// A start migrates and loads nothing heavy; the rest is for machines that are busy.
const START: Duration = Duration::from_secs(60);
const ANSWER: Duration = Duration::from_secs(60);

/// `baokao serve` on the folder and the database of a [`TestApp`]; killed when dropped.
pub(crate) struct Server {
    process: Child,
    address: SocketAddr,
}

/// Resident memory, in bytes.
pub(crate) struct Memory {
    pub(crate) now: u64,
    pub(crate) peak: u64,
}

/// What came back over the socket.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) location: String,
    pub(crate) body: String,
}

fn program(app: &TestApp, arguments: &[&str], listen: SocketAddr) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_baokao"));
    command
        .args(arguments)
        .env("BAOKAO_DATA", &app.config.data)
        .env("BAOKAO_DATABASE_URL", &app.config.database_url)
        .env("BAOKAO_ASSETS", &app.config.assets)
        .env("BAOKAO_LISTEN", listen.to_string())
        .env("BAOKAO_PUBLIC_URL", format!("http://{listen}"))
        .env("BAOKAO_LOG", "error")
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    command
}

impl Server {
    /// Starts it and waits until it answers.
    pub(crate) fn start(app: &TestApp) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").and_then(|probe| probe.local_addr()).expect("a free port");
        let process = program(app, &["serve"], free).spawn().expect("the program can be started");
        let mut server = Self { process, address: free };
        let began = Instant::now();
        while TcpStream::connect(free).is_err() {
            let ended = server.process.try_wait().expect("the process can be asked");
            assert!(ended.is_none() && began.elapsed() < START, "the program did not start: {ended:?}");
            std::thread::sleep(Duration::from_millis(50));
        }
        server
    }

    /// Starts the program with these arguments on the folder and the database of a [`TestApp`], expecting that it ends by itself and says why not.
    pub(crate) fn refused(app: &TestApp, arguments: &[&str], listen: SocketAddr) -> String {
        let mut process = program(app, arguments, listen).stderr(Stdio::piped()).spawn().expect("the program can be started");
        let began = Instant::now();
        while process.try_wait().expect("the process can be asked").is_none() {
            if began.elapsed() > START {
                process.kill().ok();
                panic!("{arguments:?} was not refused");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let output = process.wait_with_output().expect("its words");
        assert!(!output.status.success(), "{arguments:?} was not refused");
        String::from_utf8_lossy(&output.stderr).into_owned()
    }

    /// Connects without sending anything.
    pub(crate) fn connect(&self) -> TcpStream {
        let socket = TcpStream::connect(self.address).expect("the program listens");
        socket.set_read_timeout(Some(ANSWER)).expect("a timeout");
        socket
    }

    /// `kill -9`: no signal handler, no goodbye.
    pub(crate) fn kill(mut self) {
        self.end();
    }

    fn end(&mut self) {
        // SIGKILL on Unix. A process that is gone already is as good.
        self.process.kill().ok();
        self.process.wait().ok();
    }

    /// What the process holds of the machine's memory.
    pub(crate) fn memory(&self) -> Memory {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).expect("the process runs");
        let bytes = |key: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(key)).expect("a line of the kernel's");
            line.split_whitespace().next().and_then(|kib| kib.parse::<u64>().ok()).expect("kibibytes") * 1024
        };
        Memory { now: bytes("VmRSS:"), peak: bytes("VmHWM:") }
    }

    /// GET with a cookie.
    pub(crate) fn get(&self, path: &str, cookie: &str) -> Answer {
        self.send("GET", path, cookie, "", &[])
    }

    /// POST of a multipart form with files: field and content.
    pub(crate) fn upload(&self, path: &str, cookie: &str, texts: &[(&str, &str)], files: &[(&str, &[u8])]) -> Answer {
        const BOUNDARY: &str = "----a-boundary-that-no-test-sends";
        let mut body = Vec::new();
        for (name, value) in texts {
            body.extend(format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes());
        }
        for (name, content) in files {
            let head = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"photo.jpg\"\r\n\r\n");
            body.extend(head.bytes().chain(content.iter().copied()).chain(*b"\r\n"));
        }
        body.extend(format!("--{BOUNDARY}--\r\n").bytes());
        self.send("POST", path, cookie, &format!("multipart/form-data; boundary={BOUNDARY}"), &body)
    }

    fn send(&self, method: &str, path: &str, cookie: &str, content_type: &str, body: &[u8]) -> Answer {
        let mut socket = TcpStream::connect(self.address).expect("the program listens");
        socket.set_read_timeout(Some(ANSWER)).expect("a timeout");
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nAccept: text/html\r\nCookie: {cookie}\r\n\
             Content-Type: {content_type}\r\nContent-Length: {}\r\n\r\n",
            self.address,
            body.len()
        );
        socket.write_all(head.as_bytes()).and_then(|()| socket.write_all(body)).expect("the request is sent");
        let mut bytes = Vec::new();
        socket.read_to_end(&mut bytes).expect("the answer arrives");
        let text = String::from_utf8_lossy(&bytes);
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let header = |name: &str| {
            let line = head.lines().find(|line| line.split(':').next().is_some_and(|key| key.eq_ignore_ascii_case(name)));
            line.and_then(|line| line.split_once(':')).map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
        };
        let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).expect("a status line");
        Answer { status, location: header("location"), body: body.to_owned() }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
    }
}
