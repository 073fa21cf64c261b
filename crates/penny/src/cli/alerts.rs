//! `penny alerts`.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{Context, print};
use crate::alerts::{self, Event, Facts, Letter, Overview, Settings};
use crate::clock::Clock;
use crate::config::{Alert, nearest};
use crate::error::{Error, Kind, Result};
use crate::store::Store;
use crate::workspace::Workspace;

/// The options of `penny alerts`.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct AlertsOptions {
    #[command(subcommand)]
    command: Option<AlertsCommand>,
    /// The same as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Subcommand)]
#[command(disable_help_subcommand = true)]
enum AlertsCommand {
    /// Sends a test by each alert of penny.toml, or by those named, and says what the server answered
    Test {
        /// The alerts, by their names [default: all]
        #[arg(value_name = "ALERT")]
        names: Vec<String>,
        /// The same as JSON
        #[arg(long)]
        json: bool,
    },
}

pub async fn alerts(context: &Context, options: AlertsOptions) -> Result<u8> {
    let workspace = context.workspace()?;
    match options.command {
        Some(AlertsCommand::Test { names, json }) => test(context, &workspace, &names, json).await,
        None => show(&workspace, options.json),
    }
}

/// What is wrong now, who was told, and which messages are on their way.
fn show(workspace: &Workspace, as_json: bool) -> Result<u8> {
    let overview = alerts::overview(&Store::open(&workspace.history())?)?;
    if as_json {
        print(&format!("{:#}", overview_json(workspace, &overview)));
        return Ok(0);
    }
    let listed = &workspace.config.alerts;
    if listed.is_empty() {
        print("penny.toml has no [[alert]]: nobody is told. docs/alerts.md shows how.");
    } else {
        let names: Vec<String> =
            listed.iter().map(|a| format!("{} ({})", a.name, a.channel.word())).collect();
        print(&format!("Alerts: {}", names.join(", ")));
    }
    for trouble in Settings::of(workspace).troubles() {
        print(&format!("warning: {trouble}"));
    }
    match overview.events.as_slice() {
        [] => print("\nNothing is wrong."),
        events => {
            print("\nWrong now:");
            events.iter().for_each(|event| print(&format!("  {}", line(workspace, event))));
        }
    }
    let letters = |title: &str, letters: &[Letter]| {
        if !letters.is_empty() {
            print(&format!("\n{title}"));
            letters.iter().for_each(|l| print(&format!("  {}", letter(workspace, l))));
        }
    };
    letters("Messages that wait to be sent:", &overview.waiting);
    letters("The last messages:", &overview.done);
    Ok(0)
}

fn line(workspace: &Workspace, event: &Event) -> String {
    let what = match &event.facts {
        Facts::Failure(failed) => {
            let first = failed.error.lines().next().unwrap_or_default();
            format!("{} {}", failed.notebook, short(first, &failed.notebook, &failed.outcome))
        }
        Facts::Stale(stale) => {
            format!(
                "{} is out of date, last published {}",
                stale.table,
                moment(workspace, stale.published)
            )
        }
        Facts::Slow(slow) => format!("{} takes much longer than usual", slow.notebook),
        Facts::Service { error } => format!("the service: {error}"),
    };
    let told = match event.told.as_ref().map(|told| told.keys().cloned().collect::<Vec<_>>()) {
        None => "not told yet".to_owned(),
        Some(names) if names.is_empty() => "nobody is told of it".to_owned(),
        Some(names) => format!("told {}", names.join(", ")),
    };
    format!("since {}: {what} ({told})", moment(workspace, event.since))
}

/// The first words of an error, without the notebook's name that stands before them already.
fn short(first: &str, notebook: &str, outcome: &str) -> String {
    let rest = first.strip_prefix(&format!("notebook `{notebook}` ")).unwrap_or(first);
    if rest.is_empty() { outcome.to_owned() } else { rest.to_owned() }
}

fn letter(workspace: &Workspace, letter: &Letter) -> String {
    let kept = &letter.kept;
    let at = moment(workspace, kept.at);
    let mut text = format!("{at}  {}: {}", kept.alert, letter.subject);
    match (&kept.outcome, &kept.next) {
        (Some(outcome), _) => text.push_str(&format!(" ({outcome})")),
        (None, Some(next)) if kept.attempts > 0 => {
            let tried = match kept.attempts {
                1 => "tried once".to_owned(),
                attempts => format!("tried {attempts} times"),
            };
            text.push_str(&format!(" ({tried}, next {})", moment(workspace, *next)));
        }
        _ => {}
    }
    if kept.outcome.as_deref() != Some("sent")
        && let Some(answer) = &kept.answer
    {
        text.push_str(&format!("\n      {answer}"));
    }
    text
}

fn moment(workspace: &Workspace, at: jiff::Timestamp) -> String {
    at.to_zoned(workspace.config.zone.clone()).strftime("%-d %B %Y, %H:%M").to_string()
}

fn overview_json(workspace: &Workspace, overview: &Overview) -> Value {
    let alerts = workspace.config.alerts.iter().map(|alert| {
        json!({ "name": alert.name, "to": alert.channel.word(),
                "on": alert.on.iter().map(|kind| kind.word()).collect::<Vec<_>>() })
    });
    let events = overview.events.iter().map(|event| {
        let (kind, subject) = event.key();
        json!({ "kind": kind.word(), "subject": subject, "notebook": event.notebook(),
                "since": event.since.to_string(),
                "told": event.told.as_ref().map(|t| t.keys().collect::<Vec<_>>()),
                "facts": event.facts })
    });
    let letter = |letter: &Letter| {
        let kept = &letter.kept;
        json!({ "alert": kept.alert, "subject": letter.subject, "at": kept.at.to_string(),
                "attempts": kept.attempts, "outcome": kept.outcome, "answer": kept.answer,
                "next": kept.next.map(|at| at.to_string()) })
    };
    json!({
        "alerts": alerts.collect::<Vec<_>>(),
        "events": events.collect::<Vec<_>>(),
        "waiting": overview.waiting.iter().map(letter).collect::<Vec<_>>(),
        "last": overview.done.iter().map(letter).collect::<Vec<_>>(),
    })
}

/// Sends a test by each: exit status 3 when one was not taken.
async fn test(
    context: &Context,
    workspace: &Workspace,
    names: &[String],
    as_json: bool,
) -> Result<u8> {
    let chosen = chosen(&workspace.config.alerts, names)?;
    let settings = Settings::of(workspace);
    let clock = Clock::new(&context.surroundings);
    let mut results = Vec::new();
    for alert in chosen {
        let step = (!as_json).then(|| context.console.step(&format!("test of {}", alert.name)));
        let sent = async { Ok(alerts::test(&settings, alert, &clock).await) };
        let sent = context.stop.or(sent).await?;
        if let Some(step) = step {
            step.clear();
        }
        results.push((alert, sent));
    }
    let failed = results.iter().any(|(_, sent)| sent.is_err());
    if as_json {
        let all = results.iter().map(|(alert, sent)| {
            json!({ "name": alert.name, "to": alert.channel.word(), "sent": sent.is_ok(),
                    "answer": sent.as_ref().unwrap_or_else(|why| why) })
        });
        print(&format!("{:#}", Value::Array(all.collect())));
    } else {
        for (alert, sent) in &results {
            print(&match sent {
                Ok(answer) => format!("✓ {} ({}): {answer}", alert.name, alert.channel.word()),
                Err(why) => format!("✗ {} ({}): {why}", alert.name, alert.channel.word()),
            });
        }
    }
    Ok(if failed { Kind::Missing.status() } else { 0 })
}

fn chosen<'a>(alerts: &'a [Alert], names: &[String]) -> Result<Vec<&'a Alert>> {
    if alerts.is_empty() {
        return Err(Error::usage("penny.toml has no [[alert]]").hint(
            "add one: [[alert]], then to = \"email\" and addresses = [\"you@example.com\"]",
        ));
    }
    if let Some(unknown) = names.iter().find(|n| !alerts.iter().any(|a| a.name == **n)) {
        let known: Vec<&str> = alerts.iter().map(|a| a.name.as_str()).collect();
        let error = Error::usage(format!("penny.toml has no alert called `{unknown}`"));
        return Err(match nearest(unknown, known.iter().copied()) {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None => error.hint(format!("it has: {}", known.join(", "))),
        });
    }
    Ok(alerts.iter().filter(|a| names.is_empty() || names.contains(&a.name)).collect())
}
