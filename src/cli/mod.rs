//! The command line.

mod demo;
mod fill;
mod serve;
mod vision;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::app::App;
use crate::audit;
use crate::clock::Clock;
use crate::config::Config;
use crate::crypto::Keys;
use crate::db::installation;
use crate::error::{Error, Result};
use crate::staff::Role;

#[derive(Debug, Parser)]
#[command(name = "baokao", version, about = "Exam registration that a school runs itself")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
#[allow(clippy::large_enum_variant, reason = "there is one, for a moment")]
enum Command {
    /// Serve the site, with workers in the same process
    Serve(serve::ServeArgs),
    /// Run only workers (PostgreSQL)
    Worker,
    /// Bring the database's schema up to date
    Migrate,
    /// Staff accounts
    #[command(subcommand)]
    Staff(StaffCommand),
    /// Identity cards
    #[command(subcommand)]
    Card(vision::CardCommand),
    /// Other identity documents
    #[command(subcommand)]
    Document(vision::DocumentCommand),
    /// Faces
    #[command(subcommand)]
    Face(vision::FaceCommand),
    /// Order screenshots
    #[command(subcommand)]
    Receipt(vision::ReceiptCommand),
    /// Identity numbers
    #[command(subcommand)]
    Number(vision::NumberCommand),
    /// The audit
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Admission tickets
    #[command(subcommand)]
    Ticket(TicketCommand),
    /// Start the demo (an exam, a staff account and specimens, in a folder of its own), draw a specimen document, or fill it with invented candidates
    Demo(demo::DemoArgs),
}

#[derive(Debug, Subcommand)]
enum StaffCommand {
    /// Create a staff account; the password is read from standard input
    Create {
        /// Login name
        login: String,
        /// Name as colleagues read it
        #[arg(long)]
        name: String,
        /// Roles: registrar, reviewer, finance, invigilator, administrator, auditor
        #[arg(long, value_delimiter = ',', required = true)]
        roles: Vec<String>,
    },
}

#[derive(Debug, Subcommand)]
enum AuditCommand {
    /// Read the whole audit and say which lines were changed, removed or inserted; exit 0 only where none was
    Verify,
}

#[derive(Debug, Subcommand)]
enum TicketCommand {
    /// Print the public key (PEM) with which the codes on tickets can be checked without this program
    Key,
}

/// Runs the command of the process's arguments.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    // Commands that answer on standard output keep it clean: logs go to standard error.
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter(tracing_subscriber::EnvFilter::try_from_env("BAOKAO_LOG").unwrap_or_else(|_| "info,sqlx=warn".into()))
        .init();
    match run(cli.command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("baokao: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<ExitCode> {
    let config = if let Command::Demo(_) = command { Config::demo_from_env()? } else { Config::from_env()? };
    match command {
        Command::Card(command) => vision::card(&config, command),
        Command::Document(command) => vision::document(&config, command),
        Command::Face(command) => vision::face(&config, command),
        Command::Receipt(command) => vision::receipt(&config, command),
        Command::Number(command) => vision::number(command),
        Command::Ticket(TicketCommand::Key) => ticket_key(&config),
        Command::Demo(demo::DemoArgs { other: Some(demo::Other::Draw(draw)), .. }) => demo::draw(&config, draw),
        other => tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(run_async(config, other)),
    }
}

/// Opens what a school works with. What the demo filled is not that: everybody knows its password.
async fn open(config: Config) -> Result<App> {
    let data = config.data.display().to_string();
    let app = App::open(config, Clock::system()).await?;
    if installation::is_demo(&mut *app.db.read().await?).await? {
        return Err(Error::internal(format!(
            "the data in {data} is a demo's, whose password everybody knows. Set BAOKAO_DATA to another folder."
        )));
    }
    Ok(app)
}

async fn run_async(config: Config, command: Command) -> Result<ExitCode> {
    match command {
        Command::Serve(args) => serve::serve(config, args).await?,
        Command::Demo(demo::DemoArgs { other: Some(demo::Other::Fill(args)), .. }) => fill::run(config, args).await?,
        Command::Demo(args) => serve::demo(config, args.serve).await?,
        Command::Worker => serve::worker(config).await?,
        Command::Migrate => {
            open(config).await?;
        }
        Command::Staff(StaffCommand::Create { login, name, roles }) => {
            let roles = roles
                .iter()
                .map(|code| {
                    Role::parse(code).ok_or_else(|| {
                        Error::internal(format!(
                            "unknown role {code}: use registrar, reviewer, finance, invigilator, administrator or auditor"
                        ))
                    })
                })
                .collect::<Result<Vec<_>>>()?;
            let mut password = String::new();
            std::io::stdin().read_line(&mut password)?;
            let app = open(config).await?;
            crate::staff::actions::create(&app, &login, &name, password.trim_end_matches(['\r', '\n']), &roles).await?;
            println!("created {login}");
        }
        Command::Audit(AuditCommand::Verify) => return verify_audit(&open(config).await?).await,
        Command::Card(_) | Command::Document(_) | Command::Face(_) | Command::Receipt(_) | Command::Number(_) | Command::Ticket(_) => {}
    }
    Ok(ExitCode::SUCCESS)
}

async fn verify_audit(app: &App) -> Result<ExitCode> {
    // One transaction, so that what is written meanwhile does not look torn.
    let mut tx = app.db.begin().await?;
    let verdict = audit::chain::verify(&app.keys, &mut tx).await?;
    tx.rollback().await?;
    for fault in &verdict.faults {
        println!("{fault}");
    }
    match verdict.count {
        0 => println!("{} lines, whole; sealed up to line {}", verdict.lines, verdict.sealed),
        count => println!("{} lines, {count} faults", verdict.lines),
    }
    Ok(if verdict.count == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn ticket_key(config: &Config) -> Result<ExitCode> {
    let file = config.data.join("keys/master.key");
    let keys = Keys::read(&file)?
        .ok_or_else(|| Error::internal(format!("there is no {}: start the program once, or set BAOKAO_DATA", file.display())))?;
    print!("{}", crate::tickets::public_key_pem(keys.ticket_public_key()));
    Ok(ExitCode::SUCCESS)
}
