//! The login page: the link that works once, the password, and the way out.

use std::sync::Arc;

use axum::Extension;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::gate::TOO_LARGE;
use super::key::Key;
use super::session::{IDLE_MAX, Session, Way};
use super::spent::Spending;
use super::{Access, BODY_BYTES_MAX, Peer, cookie, origin, token};
use crate::config::Language;
use crate::web::visit::language;
use crate::web::{look, own_path};

/// What is said to a page that is not ours.
pub(super) const NOT_OURS: &str = "this was not sent by a page of this dashboard: open it, and send it from there (a \
     proxy before it has to pass the request's Host on)";

/// What a request for the page, or its form, says.
#[derive(Default)]
struct Asked {
    token: Option<String>,
    password: Option<String>,
    next: Option<String>,
}

/// How a try ended that let nobody in.
enum Wrong {
    /// The link was used, is over, or is none.
    Link,
    /// The password is another.
    Password,
    /// Too many wrong ones: so many seconds have to pass.
    Wait(u64),
    /// That the link is used cannot be written down.
    Disk(std::io::Error),
    /// The page was sent by somebody else's.
    NotOurs,
}

/// `GET /login`: the page, or with a link's token the way in. It is the one request that changes something though it
/// only asks: a link can do nothing else. Who only looks ahead of a reader gets a button in its place.
pub async fn login(State(access): State<Arc<Access>>, request: Request) -> Response {
    let asked = Asked::read(request.uri().query().unwrap_or_default().as_bytes());
    if access.session(request.headers()).is_some() {
        // Somebody who is in, and comes by a link that was used: as with a bookmark.
        return see(asked.next());
    }
    let looks = request.method() == Method::HEAD || origin::is_ahead(request.headers());
    match &asked.token {
        Some(token) if !looks => match by_link(&access, token) {
            Ok((key, session)) => come_in(&access, &request, &key, &session, asked.next()),
            Err(wrong) => page(&access, request.headers(), &asked, Some(wrong)),
        },
        _ => page(&access, request.headers(), &asked, None),
    }
}

/// `POST /login`: the password, or the button of a link.
pub async fn log_in(State(access): State<Arc<Access>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(bytes) = to_bytes(body, BODY_BYTES_MAX).await else { return TOO_LARGE.into_response() };
    let request = Request::from_parts(parts, axum::body::Body::empty());
    let asked = Asked::read(&bytes);
    let headers = request.headers();
    if !origin::is_ours(headers, access.is_https(headers)) {
        return page(&access, headers, &asked, Some(Wrong::NotOurs));
    }
    let tried = match &asked.token {
        Some(token) => by_link(&access, token),
        None => by_password(&access, &request, asked.password.as_deref().unwrap_or_default()),
    };
    match tried {
        Ok((key, session)) => come_in(&access, &request, &key, &session, asked.next()),
        Err(wrong) => page(&access, headers, &asked, Some(wrong)),
    }
}

/// `POST /logout`, behind the login: the session is over, wherever its cookie may be.
pub async fn log_out(
    State(access): State<Arc<Access>>,
    Extension(session): Extension<Session>,
    headers: HeaderMap,
) -> Response {
    let now = access.clock.wall();
    let until = now.saturating_add(IDLE_MAX).unwrap_or(jiff::Timestamp::MAX);
    let ended = match spend(&access, *session.id(), until) {
        Ok(Spending::Full) => renew(&access),
        Ok(_) => Ok(()),
        Err(e) => Err(e),
    };
    if let Err(e) = ended {
        let said = wrong_words(&Wrong::Disk(e), language(&headers));
        return whole(&headers, StatusCode::SERVICE_UNAVAILABLE, html! { p.lead { (said) } });
    }
    let mut response = see("/login");
    if let Some(key) = access.key() {
        let gone = cookie(&key, "", 0, access.is_https(&headers));
        response.headers_mut().append(header::SET_COOKIE, gone);
    }
    response
}

/// Where somebody without a session is sent.
pub(super) fn lead_to(back: Option<&str>) -> Response {
    match back {
        None => see("/login"),
        Some(back) => {
            let next: String = form_urlencoded::byte_serialize(back.as_bytes()).collect();
            see(&format!("/login?next={next}"))
        }
    }
}

/// A page that says why a request was not believed.
pub(super) fn refused(headers: &HeaderMap, why: &str) -> Response {
    let language = language(headers);
    let body = html! {
        h1 { (say(language, "Refusé", "Refused")) }
        @if language == Language::French {
            p.lead { "Cette demande ne vient pas d’une page ouverte dans votre session\u{a0}: ouvrez la page à nouveau et \
                      recommencez." }
        }
        p lang="en" { (why) }
        p { a href="/" { (say(language, "Ouvrir le tableau de bord", "Open the dashboard")) } }
    };
    whole(headers, StatusCode::FORBIDDEN, body)
}

impl Asked {
    fn read(fields: &[u8]) -> Asked {
        let mut asked = Asked::default();
        for (name, value) in form_urlencoded::parse(fields) {
            let place = match &*name {
                "token" => &mut asked.token,
                "password" => &mut asked.password,
                "next" => &mut asked.next,
                _ => continue,
            };
            place.get_or_insert(value.into_owned());
        }
        asked
    }

    /// Where to go then: a place of ours, and nowhere else.
    fn next(&self) -> &str {
        own_path(self.next.as_deref().unwrap_or("/"))
    }
}

fn by_link(access: &Access, text: &str) -> Result<(Key, Session), Wrong> {
    let now = access.clock.wall();
    let key = access.key().ok_or(Wrong::Link)?;
    let token = token::read(&key, text).filter(|token| now < token.until).ok_or(Wrong::Link)?;
    match spend(access, token.id, token.until).map_err(Wrong::Disk)? {
        Spending::Now => {}
        Spending::Before => return Err(Wrong::Link),
        Spending::Full => {
            renew(access).map_err(Wrong::Disk)?;
            return Err(Wrong::Link);
        }
    }
    let session = Session::begin(&key, Way::Link, now);
    Ok((key, session))
}

fn by_password(access: &Access, request: &Request, given: &str) -> Result<(Key, Session), Wrong> {
    let settings = access.settings();
    let (Some(key), Some(password)) = (access.key(), &settings.password) else {
        return Err(Wrong::Link);
    };
    let peer = request.extensions().get::<Peer>().ok_or(Wrong::NotOurs)?;
    let from = access.address(request.headers(), *peer);
    let right = access
        .patience
        .attempt(from, access.clock.running(), || key.same(given, password))
        .map_err(|wait| Wrong::Wait(wait.as_secs() + 1))?;
    if !right {
        tracing::warn!("dashboard: a wrong password from {from}");
        return Err(Wrong::Password);
    }
    let session = Session::begin(&key, Way::Password, access.clock.wall());
    Ok((key, session))
}

/// Waits for the disk where others need not wait for it.
fn spend(access: &Access, id: token::Id, until: jiff::Timestamp) -> std::io::Result<Spending> {
    tokio::task::block_in_place(|| access.spent.spend(id, until, access.clock.wall()))
}

/// Ends everything at once: so much was ended one by one that no more can be remembered.
fn renew(access: &Access) -> std::io::Result<()> {
    Key::renew(&access.key).map_err(|e| std::io::Error::other(e.sentence()))?;
    access.spent.forget();
    tracing::warn!(
        "dashboard: all sessions have ended, since too many logins were to be remembered"
    );
    Ok(())
}

fn come_in(
    access: &Access,
    request: &Request,
    key: &Key,
    session: &Session,
    next: &str,
) -> Response {
    if let Some(peer) = request.extensions().get::<Peer>() {
        let how = if session.way() == Way::Password { "the password" } else { "a link" };
        let from = access.address(request.headers(), *peer);
        tracing::info!("dashboard: somebody logged in with {how}, from {from}");
    }
    let mut response = see(next);
    let set = access.set_cookie(key, session, access.is_https(request.headers()));
    response.headers_mut().append(header::SET_COOKIE, set);
    response
}

pub(super) fn see(path: &str) -> Response {
    let path = HeaderValue::try_from(path).unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(header::LOCATION, path)]).into_response()
}

fn page(access: &Access, headers: &HeaderMap, asked: &Asked, wrong: Option<Wrong>) -> Response {
    let language = language(headers);
    let status = match &wrong {
        None => StatusCode::OK,
        Some(Wrong::Wait(_)) => StatusCode::TOO_MANY_REQUESTS,
        Some(Wrong::Disk(_)) => StatusCode::SERVICE_UNAVAILABLE,
        Some(_) => StatusCode::FORBIDDEN,
    };
    let body = html! {
        h1 { (say(language, "Ouvrir le tableau de bord", "Open the dashboard")) }
        @if let Some(wrong) = &wrong {
            p.lead #wrong role="alert" { (wrong_words(wrong, language)) }
        }
        @match &asked.token {
            Some(token) if wrong.is_none() => (button(token, asked, language)),
            _ => {
                @if access.settings().password.is_some() { (form(asked, wrong.is_some(), language)) }
                (way(language))
            }
        }
    };
    let mut response = whole(headers, status, body);
    if let Some(Wrong::Wait(seconds)) = wrong {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// For a link whose token is still to be used.
fn button(token: &str, asked: &Asked, language: Language) -> Markup {
    html! {
        form method="post" action="/login" {
            input type="hidden" name="token" value=(token);
            input type="hidden" name="next" value=(asked.next());
            p { button.primary { (say(language, "Entrer", "Come in")) } }
        }
    }
}

fn form(asked: &Asked, wrong: bool, language: Language) -> Markup {
    html! {
        form.card method="post" action="/login" {
            input type="hidden" name="next" value=(asked.next());
            div.field {
                label for="password" { (say(language, "Mot de passe", "Password")) }
                input #password type="password" name="password" required autofocus
                    autocomplete="current-password" aria-describedby=[wrong.then_some("wrong")];
            }
            button.primary { (say(language, "Entrer", "Come in")) }
        }
    }
}

/// Where the link is to be found.
fn way(language: Language) -> Markup {
    html! {
        p {
            (say(
                language,
                "Pour entrer avec un lien, ouvrez un terminal dans le dossier de penny.toml et tapez\u{a0}:",
                "To come in with a link, open a terminal in the folder of penny.toml and type:",
            ))
        }
        pre { code { "penny dashboard" } }
        p {
            (say(
                language,
                "Le lien affiché fonctionne une seule fois\u{202f}; votre navigateur reste ensuite connecté 30 jours après \
                 votre dernière visite.",
                "The link that it prints works once; your browser then stays logged in for 30 days after your last \
                 visit.",
            ))
            " " code { "penny dashboard --open" } " "
            (say(language, "l’ouvre aussitôt.", "opens it at once."))
        }
    }
}

fn wrong_words(wrong: &Wrong, language: Language) -> String {
    let (french, english) = match wrong {
        Wrong::Link => (
            "Ce lien a déjà servi, ou n’est plus valable.".to_owned(),
            "This link was used already, or is over.".to_owned(),
        ),
        Wrong::Password => {
            ("Ce n’est pas le mot de passe.".to_owned(), "That is not the password.".to_owned())
        }
        Wrong::Wait(seconds) => (
            format!("Trop d’essais\u{a0}: attendez {seconds} s, puis réessayez."),
            format!("Too many tries: wait {seconds} s, then try again."),
        ),
        Wrong::Disk(error) => (
            format!("Cela ne peut pas être noté sur le disque ({error})\u{a0}: libérez de la place, puis réessayez."),
            format!("This cannot be written down on the disk ({error}): free some space, then try again."),
        ),
        Wrong::NotOurs => (
            "Cette demande ne vient pas de cette page\u{a0}: réessayez d’ici. (Un proxy placé devant doit transmettre \
             l’en-tête Host.)"
                .to_owned(),
            NOT_OURS.to_owned(),
        ),
    };
    say(language, &french, &english).to_owned()
}

fn say<'a>(language: Language, french: &'a str, english: &'a str) -> &'a str {
    match language {
        Language::French => french,
        Language::English => english,
    }
}

/// A page for somebody who is not in: it tells nothing of the workspace.
fn whole(headers: &HeaderMap, status: StatusCode, body: Markup) -> Response {
    let language = language(headers);
    let markup = html! {
        (DOCTYPE)
        html lang=(say(language, "fr", "en")) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="robots" content="noindex";
                title { (say(language, "Connexion", "Log in")) " · Penny" }
                link rel="icon" href=(look::ICON);
                style { (PreEscaped(look::STYLE)) }
            }
            body {
                header.top { span.brand { span.coin aria-hidden="true" {} "Penny" } }
                main #main { (body) }
            }
        }
    };
    (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], markup.into_string())
        .into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_after_the_login_stays_on_this_server() {
        #[track_caller]
        fn check(next: &str, goes: &str) {
            let asked = Asked { next: Some(next.to_owned()), ..Asked::default() };
            assert_eq!(asked.next(), goes);
        }
        check("/runs/5?cell=2", "/runs/5?cell=2");
        check("/", "/");
        check("", "/");
        check("//evil.example", "/");
        check("/\\evil.example", "/");
        check("https://evil.example", "/");
        check("evil", "/");
        check("/a\r\nSet-Cookie: a=b", "/");
        check("/\t/evil.example", "/");
    }
}
