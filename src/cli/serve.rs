//! `serve`, `worker` and `demo`: the long-running commands.

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::time::Duration;

use axum_server::Server;
use axum_server::tls_rustls::RustlsConfig;
use clap::Args;
use tokio::sync::watch;

use crate::app::App;
use crate::clock::Clock;
use crate::config::{self, Config};
use crate::error::{Error, Result};
use crate::{jobs, router};

/// How `serve` and `demo` listen.
#[derive(Debug, Args)]
pub(super) struct ServeArgs {
    /// `self-signed`: make a certificate for a try-out in the local network (the camera needs https)
    #[arg(long, value_parser = ["self-signed"])]
    tls: Option<String>,
    /// Certificate chain, PEM
    #[arg(long, requires = "tls_key", conflicts_with = "tls")]
    tls_certificate: Option<PathBuf>,
    /// Private key, PEM
    #[arg(long, requires = "tls_certificate")]
    tls_key: Option<PathBuf>,
    /// Do not run workers in this process
    #[arg(long)]
    no_workers: bool,
}

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
/// A request's head is here after so long, or the connection is closed. (What comes after the head has `router`'s limit, a handshake that of `axum_server`.)
const HEAD: Duration = Duration::from_secs(30);

/// After the signal, requests in flight have this long to end.
const GRACE: Duration = Duration::from_secs(20);

pub(super) async fn serve(mut config: Config, args: ServeArgs) -> Result<()> {
    adopt_tls(&mut config, &args);
    let listener = bind(config.listen)?;
    listen(super::open(config).await?, args, listener).await
}

pub(super) async fn demo(mut config: Config, args: ServeArgs) -> Result<()> {
    if config.school == config::DEFAULT_SCHOOL {
        config.school = crate::demo::actions::SCHOOL.into();
    }
    adopt_tls(&mut config, &args);
    let listener = bind(config.listen)?;
    let app = App::open(config, Clock::system()).await?;
    crate::demo::actions::seed(&app).await?;
    println!("{}", crate::demo::actions::welcome(&app));
    listen(app, args, listener).await
}

pub(super) async fn worker(config: Config) -> Result<()> {
    let app = super::open(config).await?;
    let (stop, stopped) = watch::channel(false);
    tokio::spawn(async move {
        signal().await;
        stop.send_replace(true);
    });
    work(app, stopped).await;
    Ok(())
}

/// Jobs as they come, and every hour the removal of what nobody needs any more.
async fn work(app: App, stop: watch::Receiver<bool>) {
    tokio::join!(jobs::work(app.clone(), stop.clone()), purge_hourly(app.clone(), stop.clone()), tick(app, stop));
}

async fn tick(app: App, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        if let Err(error) = app.tick().await {
            tracing::error!(%error, "what is to be done every minute was not asked for");
        }
        tokio::select! {
            () = tokio::time::sleep(MINUTE) => {}
            _ = stop.changed() => {}
        }
    }
}

async fn purge_hourly(app: App, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        if let Err(error) = app.purge().await {
            tracing::error!(%error, "what is out of date could not be removed");
        }
        tokio::select! {
            () = tokio::time::sleep(HOUR) => {}
            _ = stop.changed() => {}
        }
    }
}

/// With TLS of our own, the public address is https unless the operator said another.
fn adopt_tls(config: &mut Config, args: &ServeArgs) {
    config.self_signed = args.tls.is_some();
    if args.tls.is_none() && args.tls_certificate.is_none() {
        return;
    }
    if config.public_url == config::default_url(config.listen) {
        let shown = local_address().filter(|_| config.listen.ip().is_unspecified()).unwrap_or(config.listen.ip());
        config.public_url = format!("https://{}", SocketAddr::new(shown, config.listen.port()));
    }
}

/// The address by which other machines of the local network reach this one: asked of the routing table, nothing is sent.
fn local_address() -> Option<std::net::IpAddr> {
    let socket = std::net::UdpSocket::bind("0.0.0.0:0").ok()?;
    socket.connect("192.0.2.1:9").ok()?;
    socket.local_addr().ok().map(|address| address.ip()).filter(|ip| !ip.is_unspecified())
}

/// Takes the address before anything else: a second start on the same data ends here, and has disturbed nothing of the first.
fn bind(address: SocketAddr) -> Result<TcpListener> {
    let listener = TcpListener::bind(address).map_err(|cause| {
        Error::internal(format!("cannot listen on {address}: {cause}. Is another program there? Set BAOKAO_LISTEN to another address."))
    })?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

async fn listen(app: App, args: ServeArgs, listener: TcpListener) -> Result<()> {
    let handle = axum_server::Handle::<SocketAddr>::new();
    let (stop, stopped) = watch::channel(false);
    tokio::spawn({
        let handle = handle.clone();
        async move {
            signal().await;
            handle.graceful_shutdown(Some(GRACE));
            stop.send_replace(true);
        }
    });
    let workers = if args.no_workers {
        None
    } else {
        jobs::recover(&app).await?;
        Some(tokio::spawn(work(app.clone(), stopped)))
    };
    let service = router::router(app.clone()).into_make_service_with_connect_info::<SocketAddr>();
    let tls = match (&args.tls, &args.tls_certificate, &args.tls_key) {
        (Some(_), ..) => Some(self_signed(&app).await?),
        (None, Some(certificate), Some(key)) => {
            install_provider();
            Some(RustlsConfig::from_pem_file(certificate, key).await?)
        }
        _ => None,
    };
    match tls {
        Some(tls) => {
            println!("{}", crate::web::qr_for_terminal(&app.config.public_url));
            println!("{}", app.config.public_url);
            with_limits(axum_server::from_tcp_rustls(listener, tls)?.handle(handle)).serve(service).await?;
        }
        None => {
            println!("listening on http://{}", app.config.listen);
            with_limits(axum_server::from_tcp(listener)?.handle(handle)).serve(service).await?;
        }
    }
    if let Some(workers) = workers {
        workers.await?;
    }
    app.db.close().await;
    Ok(())
}

/// A connection that sends nothing, or a request's head by the letter, costs a socket for half a minute and no longer.
fn with_limits<A>(mut server: Server<SocketAddr, A>) -> Server<SocketAddr, A> {
    let builder = server.http_builder();
    builder.http1().header_read_timeout(HEAD);
    builder.http2().keep_alive_interval(HEAD).keep_alive_timeout(HEAD);
    server.first_request_timeout(HEAD)
}

fn install_provider() {
    // An error only says that one is installed already.
    rustls::crypto::ring::default_provider().install_default().ok();
}

/// A certificate of our own for the addresses that a phone may type; kept, so that a phone that trusted it once goes on.
async fn self_signed(app: &App) -> Result<RustlsConfig> {
    install_provider();
    let folder = app.config.data.join("keys");
    let (certificate_file, key_file) = (folder.join("self-signed.pem"), folder.join("self-signed.key"));
    let host = app.config.public_url.split_once("://").map_or("", |(_, host)| host);
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host).to_owned();
    let names_file = folder.join("self-signed.name");
    let fits = std::fs::read_to_string(&names_file).is_ok_and(|name| name == host);
    if !fits {
        let made =
            rcgen::generate_simple_self_signed(vec![host.clone(), "localhost".into(), "127.0.0.1".into()]).map_err(Error::internal)?;
        std::fs::create_dir_all(&folder)?;
        std::fs::write(&certificate_file, made.cert.pem())?;
        crate::crypto::write_private_over(&key_file, made.signing_key.serialize_pem().as_bytes())?;
        std::fs::write(&names_file, host)?;
    }
    Ok(RustlsConfig::from_pem_file(certificate_file, key_file).await?)
}

async fn signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut terminate), Ok(mut interrupt)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn with_tls_the_public_address_is_https_unless_the_operator_set_one() {
        let adopted = |public_url: Option<&str>, tls: Option<&str>| {
            let set = |name: &str| match name {
                "BAOKAO_PUBLIC_URL" => public_url.map(str::to_owned),
                "BAOKAO_LISTEN" => Some("192.0.2.1:8443".to_owned()),
                _ => None,
            };
            let mut config = Config::read(set).expect("valid");
            adopt_tls(&mut config, &ServeArgs { tls: tls.map(str::to_owned), tls_certificate: None, tls_key: None, no_workers: false });
            (config.public_url, config.self_signed)
        };
        assert_eq!(adopted(None, None), ("http://192.0.2.1:8443".into(), false));
        assert_eq!(adopted(None, Some("self-signed")), ("https://192.0.2.1:8443".into(), true));
        assert_eq!(adopted(Some("http://inside.example"), Some("self-signed")).0, "http://inside.example");
    }
}
