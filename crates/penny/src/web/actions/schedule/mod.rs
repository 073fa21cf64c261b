//! Changing when notebooks run: a form that writes penny.toml, after it has shown what it would write.

mod form;
mod mistakes;
mod preview;

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Form, Path};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};

use super::running::entry;
use super::sent::Sent;
use super::{no_notebook, refused, tell, until};
use crate::config::{self, Changed, Of, ScheduleWords, SettingsFile};
use crate::error::{Error, Result};
use crate::language;
use crate::web::look::{Page, Place};
use crate::web::visit::Visit;
use crate::web::{blocking, links};
use crate::workspace::CONFIG_FILE;

use form::Typed;
pub use mistakes::{Mistake, mistake};
pub use preview::Preview;

/// The service looks at penny.toml once a second.
const RELOAD_MAX: Duration = Duration::from_secs(4);

/// `GET /schedule`
pub async fn of_all(visit: Visit) -> Response {
    first(visit, Whose(None)).await
}

/// `GET /notebooks/{name}/schedule`
pub async fn of_one(visit: Visit, Path(name): Path<String>) -> Response {
    match entry(&visit, &name) {
        Some(_) => first(visit, Whose(Some(name))).await,
        None => no_notebook(visit, &name).await,
    }
}

/// `POST /schedule`
pub async fn change_all(visit: Visit, Form(sent): Form<Vec<(String, String)>>) -> Response {
    change(visit, Whose(None), Sent(sent)).await
}

/// `POST /notebooks/{name}/schedule`
pub async fn change_one(
    visit: Visit,
    Path(name): Path<String>,
    Form(sent): Form<Vec<(String, String)>>,
) -> Response {
    match entry(&visit, &name) {
        Some(_) => change(visit, Whose(Some(name)), Sent(sent)).await,
        None => no_notebook(visit, &name).await,
    }
}

/// Whose schedule: that of a notebook, or of the workspace.
#[derive(Clone)]
struct Whose(Option<String>);

/// What the page shows.
struct Shown {
    whose: Whose,
    typed: Typed,
    /// The state of the file that the form is about.
    hash: String,
    mistakes: Vec<Mistake>,
    /// What would be written, once that is right.
    changed: Option<Changed>,
    status: StatusCode,
}

/// What becomes of a form that was sent.
enum Step {
    Show(Box<Shown>),
    Written,
}

impl Whose {
    fn of(&self) -> Of<'_> {
        self.0.as_deref().map_or(Of::Workspace, Of::Notebook)
    }

    fn page(&self) -> String {
        self.0.as_deref().map_or("/".to_owned(), links::notebook)
    }

    fn action(&self) -> String {
        match &self.0 {
            Some(name) => format!("{}/schedule", links::notebook(name)),
            None => "/schedule".to_owned(),
        }
    }
}

async fn first(visit: Visit, whose: Whose) -> Response {
    visit
        .show(move |visit| {
            let file = SettingsFile::read(&visit.workspace.root.join(CONFIG_FILE))?;
            let typed = Typed::of(&file.schedule(whose.of())?);
            let (hash, status) = (file.hash(), StatusCode::OK);
            let shown = Shown { whose, typed, hash, mistakes: Vec::new(), changed: None, status };
            Ok(page(visit, &shown))
        })
        .await
}

async fn change(visit: Visit, whose: Whose, sent: Sent) -> Response {
    let visit = Arc::new(visit);
    let (before, address) = (visit.about.workspace(), whose.page());
    let step = {
        let visit = Arc::clone(&visit);
        blocking(move || step(&visit, whose, &sent)).await
    };
    let visit = Arc::into_inner(visit).expect("the step has ended, which had the other one");
    match step {
        Ok(Step::Show(shown)) => visit.show(move |visit| Ok(page(visit, &shown))).await,
        Ok(Step::Written) => {
            // The page that follows is to show the new schedule.
            let is_read = move |about: &crate::web::About| {
                Ok((!Arc::ptr_eq(&about.workspace(), &before)).then_some(()))
            };
            let _ = until(&visit.about, RELOAD_MAX, is_read).await;
            Redirect::to(&address).into_response()
        }
        Err(error) => refused(visit, error).await,
    }
}

/// Checks what was sent; writes it, when it is what was shown before and is to be written.
fn step(visit: &Visit, whose: Whose, sent: &Sent) -> Result<Step> {
    let _alone = config::changing();
    let file = SettingsFile::read(&visit.workspace.root.join(CONFIG_FILE))?;
    let typed = Typed::sent(sent);
    let hash = file.hash();
    let wrong = StatusCode::UNPROCESSABLE_ENTITY;
    let show = |whose, typed, mistakes, changed, status| {
        let hash = hash.clone();
        Ok(Step::Show(Box::new(Shown { whose, typed, hash, mistakes, changed, status })))
    };
    if sent.text("file") != hash {
        let why = visit.say(
            "penny.toml a été modifié entre-temps, dans un éditeur par exemple. Rien n’a été enregistré\u{a0}: vérifiez votre changement encore une fois.",
            "penny.toml was changed meanwhile, in an editor for example. Nothing was saved: check your change once more.",
        );
        let mistake = Mistake { field: "form", text: why.to_owned() };
        return show(whose, typed, vec![mistake], None, StatusCode::CONFLICT);
    }
    let words: ScheduleWords = match typed.words(visit) {
        Ok(words) => words,
        Err(mistakes) => return show(whose, typed, mistakes, None, wrong),
    };
    let changed = match file.with_schedule(whose.of(), &words) {
        Ok(changed) => changed,
        Err(error) => {
            let mistake = Mistake { field: "form", text: told(visit, &error) };
            return show(whose, typed, vec![mistake], None, wrong);
        }
    };
    // What is written is what was shown.
    if sent.find("save").is_some() && sent.text("checked") == changed.hash() {
        changed.write()?;
        return Ok(Step::Written);
    }
    show(whose, typed, Vec::new(), Some(changed), StatusCode::OK)
}

/// What is wrong with the file as a whole.
fn told(visit: &Visit, error: &Error) -> String {
    let hints = error.hints().iter().map(|hint| format!("\n{hint}"));
    let text = format!("{}{}", error.sentence(), hints.collect::<String>());
    language::sentence(&visit.workspace.secrets.mask(&text), visit.language)
}

fn page(visit: &Visit, shown: &Shown) -> Page {
    let title = match &shown.whose.0 {
        Some(name) => {
            tell(visit, format!("L’horaire de {name}"), format!("The schedule of {name}"))
        }
        None => {
            visit.say("L’horaire de tous les notebooks", "The schedule of all notebooks").to_owned()
        }
    };
    let body = html! {
        h1 { (title) }
        p.soft { (visit.say(
            "Ce formulaire écrit dans penny.toml, et n’y touche à rien d’autre. Rien n’est enregistré avant que vous ayez vu ce qui change.",
            "This form writes into penny.toml, and touches nothing else there. Nothing is saved before you have seen what changes.")) }
        form method="post" action=(shown.whose.action()) {
            (visit.proof())
            input type="hidden" name="file" value=(shown.hash);
            (shown.typed.fields(visit, shown.whose.0.is_some(), &shown.mistakes))
            @if let Some(changed) = &shown.changed {
                (preview::preview(visit, shown.whose.0.as_deref(), changed))
            }
            (actions(visit, shown))
        }
    };
    Page { status: shown.status, ..Page::new(title, Place::Elsewhere, body) }
}

fn actions(visit: &Visit, shown: &Shown) -> Markup {
    let can_be_saved = shown.changed.as_ref().is_some_and(Changed::is_change);
    html! {
        div.actions {
            @if can_be_saved {
                button.primary name="save" value="1" { (visit.say("Enregistrer", "Save")) }
                button { (visit.say("Vérifier encore", "Check again")) }
            } @else {
                button.primary { (visit.say("Vérifier", "Check")) }
            }
            a.button href=(shown.whose.page()) data-close { (visit.say("Ne rien changer", "Change nothing")) }
        }
    }
}
