//! Whether PostgreSQL answers, asked no more than every few seconds however often it is wanted.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use penny_postgres::{connection, embedded};

use super::About;
use crate::database::{Place, Rooms, Settings, connect_error};

/// An answer holds so long.
const FRESH: Duration = Duration::from_secs(10);
/// A server that takes longer does not answer.
const ANSWER_MAX: Duration = Duration::from_secs(5);

/// A page waits so long for a server that did not answer before: one that is there answers in a few milliseconds.
const PAGE_WAITS_MAX: Duration = Duration::from_millis(300);

/// Penny's own server is on its way.
pub const STARTS: &str = "Penny's own PostgreSQL is starting";

/// Where the PostgreSQL is that answers, or why none does.
pub type Answer = Result<String, String>;

/// What PostgreSQL answered last.
#[derive(Default)]
pub struct Postgres {
    last: Mutex<Option<(Instant, Answer)>>,
    /// Whether it is being asked for the sake of pages.
    is_asked: AtomicBool,
}

/// What is known for a page that must not wait: nothing before the first answer, and while Penny's own server starts.
/// Where that is no longer fresh it is
/// asked again behind the page, and open pages are told of another answer. That nothing answered a while ago is no news
/// of today: then the page waits a moment for a new answer.
pub async fn known(about: &Arc<About>) -> Option<Answer> {
    if about.live.borrow().postgresql_starts {
        // That it did not answer before is no news once it has started.
        *about.postgres.last.lock().unwrap_or_else(PoisonError::into_inner) = None;
        return None;
    }
    let known = about.postgres.last.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let is_fresh = known.as_ref().is_some_and(|(at, _)| at.elapsed() < FRESH);
    let known = known.map(|(_, answer)| answer);
    if is_fresh {
        return known;
    }
    if known.as_ref().is_some_and(Result::is_err)
        && let Ok(now) = tokio::time::timeout(PAGE_WAITS_MAX, answers(about)).await
    {
        return Some(now);
    }
    if !about.postgres.is_asked.swap(true, Ordering::AcqRel) {
        let (about, before) = (Arc::clone(about), known.clone());
        tokio::spawn(async move {
            let now = answers(&about).await;
            about.postgres.is_asked.store(false, Ordering::Release);
            if before.as_ref() != Some(&now) {
                about.readers.tell();
            }
        });
    }
    known
}

/// Where the PostgreSQL is that answers, or why none does.
pub async fn answers(about: &About) -> Answer {
    let known = about.postgres.last.lock().unwrap_or_else(PoisonError::into_inner).clone();
    if let Some((at, answer)) = known
        && at.elapsed() < FRESH
    {
        return answer;
    }
    let asked = tokio::time::timeout(ANSWER_MAX, ask(about)).await;
    let answer = asked.unwrap_or_else(|_| {
        Err(format!("PostgreSQL did not answer within {} s", ANSWER_MAX.as_secs()))
    });
    let answer = answer.map_err(|why| about.workspace().secrets.mask(&why));
    // That it does not answer yet is no news once it has started.
    if answer.is_err() && about.live.borrow().postgresql_starts {
        return Err(STARTS.to_owned());
    }
    let mut last = about.postgres.last.lock().unwrap_or_else(PoisonError::into_inner);
    *last = Some((Instant::now(), answer.clone()));
    answer
}

async fn ask(about: &About) -> Answer {
    let workspace = about.workspace();
    let settings = Settings::of(&workspace).map_err(|e| e.sentence())?;
    let target = match &settings.place {
        Place::Server(target) => target.clone(),
        Place::Embedded { .. } => match embedded::running(&Rooms::of(&workspace).data()) {
            Some(running) => settings.target_at(running.port, &settings.database),
            None => return Err("Penny's own PostgreSQL does not run".to_owned()),
        },
    };
    let client = connection::connect(&target).await;
    let client = client.map_err(|e| connect_error(&e).sentence())?;
    client.simple_query("SELECT 1").await.map_err(|e| e.to_string())?;
    Ok(target.to_string())
}
