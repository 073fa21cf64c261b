//! By e-mail: SMTP with STARTTLS or TLS, a text and the same as HTML, answers in the thread of what they answer.

use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

use lettre::address::Envelope;
use lettre::message::header::{Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::transport::smtp::response::{Category, Response, Severity};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message as Mail, Tokio1Executor};

use super::delivery::{Refusal, Taken};
use super::message::{Line, Message};
use crate::config::Variables;
use crate::error::sentence_of;

/// How long the server may take for each of its answers.
const ANSWER_MAX: Duration = Duration::from_secs(15);

/// The server that `.env` names.
pub struct Server {
    host: String,
    port: u16,
    security: Security,
    login: Option<(String, String)>,
    from: Mailbox,
    certificate: Option<Certificate>,
}

/// How the connection is kept private.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Security {
    /// TLS from the first byte (port 465).
    Tls,
    /// TLS after a word in the clear, and nothing without it (port 587).
    StartTls,
    /// Not at all.
    None,
}

impl Server {
    /// The server of `SMTP_HOST` and the other variables of `.env`, whose paths are meant from `root`.
    ///
    /// # Errors
    /// What is missing or wrong, in a sentence.
    pub fn of(variables: &Variables, root: &Path) -> Result<Server, Refusal> {
        let get = |name: &str| variables.get(name).map(str::to_owned);
        let host = get("SMTP_HOST").ok_or_else(|| {
            Refusal::setting("SMTP_HOST in .env should say which server sends e-mail")
        })?;
        let port = match get("SMTP_PORT") {
            None => None,
            Some(text) => Some(text.trim().parse::<u16>().map_err(|_| {
                Refusal::setting(format!("SMTP_PORT in .env is no port number: {text}"))
            })?),
        };
        let login = match (get("SMTP_USER"), get("SMTP_PASSWORD")) {
            (Some(user), Some(password)) => Some((user, password)),
            (None, None) => None,
            (Some(_), None) => {
                return Err(Refusal::setting(
                    "SMTP_PASSWORD is missing in .env, and SMTP_USER is there",
                ));
            }
            (None, Some(_)) => {
                return Err(Refusal::setting(
                    "SMTP_USER is missing in .env, and SMTP_PASSWORD is there",
                ));
            }
        };
        let security = security(get("SMTP_SECURITY").as_deref(), port, &host)?;
        if security == Security::None && login.is_some() && !is_this_computer(&host) {
            return Err(Refusal::setting(
                "SMTP_SECURITY=none in .env would send the password so that others can read it: \
                 write starttls or tls",
            ));
        }
        let from = sender(get("SMTP_FROM"), get("SMTP_USER"))?;
        let certificate =
            get("SMTP_SSLROOTCERT").map(|path| certificate(&root.join(path))).transpose()?;
        let usual = match security {
            Security::Tls => 465,
            Security::StartTls => 587,
            Security::None => 25,
        };
        Ok(Server { host, port: port.unwrap_or(usual), security, login, from, certificate })
    }

    /// The domain that messages come from.
    pub fn domain(variables: &Variables) -> Option<String> {
        let from = variables.get("SMTP_FROM").or_else(|| variables.get("SMTP_USER"))?;
        let from: Mailbox = from.parse().ok()?;
        Some(from.email.domain().to_owned())
    }

    /// Its name and port.
    pub fn place(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    /// Sends a message; what the server answered.
    ///
    /// # Errors
    /// Why it was not sent.
    pub async fn send(&self, message: &Message, to: &[String]) -> Result<Taken, Refusal> {
        let mail = self.mail(message, to)?;
        let transport = self.transport()?;
        match transport.send_raw(mail.envelope(), &mail.formatted()).await {
            Ok(answer) => Ok(Taken { answer: said(&answer), left_out: None }),
            Err(error) if to.len() > 1 && is_of_an_address(&error) => {
                self.send_to_each(&transport, &mail).await
            }
            Err(error) => Err(self.refusal(&error)),
        }
    }

    /// Sends a mail to each of its addresses for itself: a server that knows one of them no more takes
    /// it for none of them at once, and the others must be told all the same.
    async fn send_to_each(
        &self,
        transport: &AsyncSmtpTransport<Tokio1Executor>,
        mail: &Mail,
    ) -> Result<Taken, Refusal> {
        let (mut taken, mut left_out) = (None, Vec::new());
        for address in mail.envelope().to() {
            let from = mail.envelope().from().cloned();
            let envelope = Envelope::new(from, vec![address.clone()])
                .map_err(|e| Refusal::setting(sentence_of(&e)))?;
            match transport.send_raw(&envelope, &mail.formatted()).await {
                Ok(answer) => taken = Some(said(&answer)),
                Err(error) => {
                    left_out.push(format!("not sent to {address}: {}", sentence_of(&error)));
                }
            }
        }
        let left_out = format!("{}: {}", self.place(), left_out.join("; "));
        match taken {
            Some(answer) => Ok(Taken { answer, left_out: Some(left_out) }),
            None => Err(Refusal::new(left_out)),
        }
    }

    fn transport(&self) -> Result<AsyncSmtpTransport<Tokio1Executor>, Refusal> {
        let parameters = || {
            let mut builder = TlsParameters::builder(self.host.clone());
            if let Some(certificate) = &self.certificate {
                builder = builder.add_root_certificate(certificate.clone());
            }
            builder.build().map_err(|e| Refusal::setting(sentence_of(&e)))
        };
        let tls = match self.security {
            Security::Tls => Tls::Wrapper(parameters()?),
            Security::StartTls => Tls::Required(parameters()?),
            Security::None => Tls::None,
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&self.host)
            .port(self.port)
            .tls(tls)
            .timeout(Some(ANSWER_MAX));
        if let Some((user, password)) = &self.login {
            builder = builder.credentials(Credentials::new(user.clone(), password.clone()));
        }
        Ok(builder.build())
    }

    fn mail(&self, message: &Message, to: &[String]) -> Result<Mail, Refusal> {
        let mut builder = Mail::builder()
            .from(self.from.clone())
            .subject(&message.subject)
            .message_id(Some(format!("<{}>", message.id)))
            .header(AutoSubmitted)
            .date_now();
        for address in to {
            let mailbox = address.parse().map_err(|_| {
                Refusal::setting(format!("`{address}` in penny.toml is no e-mail address"))
            })?;
            builder = builder.to(mailbox);
        }
        let answers: Vec<String> = message.answers.iter().map(|id| format!("<{id}>")).collect();
        if let Some(last) = answers.last() {
            builder = builder.in_reply_to(last.clone()).references(answers.join(" "));
        }
        let parts = MultiPart::alternative_plain_html(message.text(), html(message));
        builder.multipart(parts).map_err(|e| Refusal::setting(sentence_of(&e)))
    }

    fn refusal(&self, error: &lettre::transport::smtp::Error) -> Refusal {
        let said = sentence_of(error);
        let remedy = match remedy(&said, error.status().map(u16::from)) {
            "" => String::new(),
            remedy => format!("; {remedy}"),
        };
        Refusal::new(format!("{}: {said}{remedy}", self.place()))
    }
}

/// What is wrong in `.env` when a server says this.
fn remedy(said: &str, status: Option<u16>) -> &'static str {
    let has = |words: &str| said.contains(words);
    match status {
        Some(530 | 534 | 535 | 538) if has("STARTTLS") => "write SMTP_SECURITY=starttls in .env",
        Some(530 | 534 | 535 | 538) => "check SMTP_USER and SMTP_PASSWORD in .env",
        _ if has("invalid peer certificate") => {
            "SMTP_SSLROOTCERT in .env names the authority of a server of one's own"
        }
        _ if has("InvalidContentType") => {
            "it does not speak TLS from the first byte: write SMTP_SECURITY=starttls in .env"
        }
        _ if has("STARTTLS is not supported") => {
            "write SMTP_SECURITY=tls in .env where it speaks TLS from the first byte"
        }
        _ => "",
    }
}

fn said(answer: &Response) -> String {
    let said: Vec<&str> = answer.message().collect();
    format!("{} {}", answer.code(), said.join(" "))
}

/// Whether it may be one address alone that a server refuses for good, and not the login.
fn is_of_an_address(error: &lettre::transport::smtp::Error) -> bool {
    error.status().is_some_and(|code| {
        code.severity == Severity::PermanentNegativeCompletion
            && code.category != Category::Unspecified3
    })
}

/// The address that mail comes from: the login, where nothing else is said.
fn sender(said: Option<String>, login: Option<String>) -> Result<Mailbox, Refusal> {
    let wrong = "SMTP_FROM in .env should say from which address e-mail comes";
    match (said, login) {
        (Some(from), _) => from.parse().map_err(|_| {
            Refusal::setting(format!("SMTP_FROM in .env is no e-mail address: {from}"))
        }),
        (None, Some(login)) => login.parse().map_err(|_| {
            Refusal::setting(format!("{wrong}, since SMTP_USER is no e-mail address: {login}"))
        }),
        (None, None) => Err(Refusal::setting(wrong)),
    }
}

fn security(said: Option<&str>, port: Option<u16>, host: &str) -> Result<Security, Refusal> {
    match (said.map(str::to_lowercase).as_deref(), port) {
        (Some("tls" | "ssl"), _) | (None, Some(465)) => Ok(Security::Tls),
        (Some("none"), _) => Ok(Security::None),
        (None, _) if is_this_computer(host) => Ok(Security::None),
        (Some("starttls"), _) | (None, _) => Ok(Security::StartTls),
        (Some(other), _) => Err(Refusal::setting(format!(
            "SMTP_SECURITY in .env is {other}: write starttls, tls or none"
        ))),
    }
}

/// Whether what is sent there stays on this computer.
fn is_this_computer(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn certificate(path: &Path) -> Result<Certificate, Refusal> {
    let wrong = |why: String| {
        Refusal::setting(format!("SMTP_SSLROOTCERT in .env, {}: {why}", path.display()))
    };
    let pem = std::fs::read(path).map_err(|e| wrong(e.to_string()))?;
    Certificate::from_pem(&pem).map_err(|e| wrong(sentence_of(&e)))
}

/// Tells other programs not to answer (RFC 3834): no "out of office" comes back.
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(AutoSubmitted)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

/// The message as a page that every mail program shows alike.
fn html(message: &Message) -> String {
    let colour = match message.kind.as_str() {
        "recovery" | "test" => "#1a7f37",
        "failure" | "service" => "#b3261e",
        _ => "#9a6700",
    };
    let mut page = format!(
        "<!DOCTYPE html><html><body style=\"font-family:sans-serif;color:#1f2328\">\
         <p style=\"border-left:4px solid {colour};padding-left:10px;font-size:16px\">\
         <b>{}</b></p>",
        escaped(&message.subject)
    );
    for item in &message.items {
        page.push_str(&format!("<h3 style=\"margin-bottom:4px\">{}</h3>", escaped(&item.title)));
        page.push_str("<table cellpadding=\"4\" style=\"border-collapse:collapse\">");
        page.extend(item.lines.iter().map(row));
        page.push_str("</table>");
    }
    for note in &message.notes {
        page.push_str(&format!("<p style=\"color:#656d76\">{}</p>", escaped(note)));
    }
    page + "</body></html>"
}

fn row(line: &Line) -> String {
    let text = escaped(&line.text).replace('\n', "<br>");
    let text = if line.code { format!("<code>{text}</code>") } else { text };
    let name = escaped(&line.name);
    format!("<tr><td valign=\"top\" style=\"color:#656d76\">{name}</td><td>{text}</td></tr>")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(variables: &str, why: &str) {
        let variables = Variables::of_text(variables);
        let refusal = Server::of(&variables, Path::new("/books")).err().expect("refused");
        assert!(refusal.sentence.contains(why), "{}", refusal.sentence);
    }

    #[test]
    fn what_is_wrong_in_env_is_told() {
        refused("A=1", "SMTP_HOST");
        refused("SMTP_HOST=h", "SMTP_FROM");
        refused("SMTP_HOST=h\nSMTP_FROM=a@b.fr\nSMTP_USER=u", "SMTP_PASSWORD is missing");
        refused("SMTP_HOST=h\nSMTP_FROM=a@b.fr\nSMTP_PORT=abc", "no port number");
        refused("SMTP_HOST=h\nSMTP_FROM=nobody", "SMTP_FROM in .env is no e-mail address");
        let login = "SMTP_USER=apikey\nSMTP_PASSWORD=secret-word";
        refused(&format!("SMTP_HOST=h\n{login}"), "since SMTP_USER is no e-mail address: apikey");
        let certificate = "SMTP_SSLROOTCERT=tls/authority.pem";
        refused(
            &format!("SMTP_HOST=h\nSMTP_FROM=a@b.fr\n{certificate}"),
            "/books/tls/authority.pem",
        );
        let login = "SMTP_FROM=a@b.fr\nSMTP_USER=u\nSMTP_PASSWORD=secret-word";
        refused(&format!("SMTP_HOST=h\n{login}\nSMTP_SECURITY=none"), "others can read it");
        refused(&format!("SMTP_HOST=h\n{login}\nSMTP_SECURITY=maybe"), "starttls, tls or none");
    }

    #[test]
    fn the_port_follows_from_the_security_and_the_security_from_the_port() {
        #[track_caller]
        fn check(variables: &str, security: Security, port: u16) {
            let text = format!("SMTP_FROM=a@b.fr\n{variables}");
            let of = Server::of(&Variables::of_text(&text), Path::new("/books"));
            let Ok(server) = of else { panic!("{variables}") };
            assert_eq!((server.security, server.port), (security, port), "{variables}");
        }
        check("SMTP_HOST=smtp.example.com", Security::StartTls, 587);
        check("SMTP_HOST=smtp.example.com\nSMTP_PORT=465", Security::Tls, 465);
        check("SMTP_HOST=smtp.example.com\nSMTP_SECURITY=tls", Security::Tls, 465);
        check("SMTP_HOST=localhost", Security::None, 25);
        check("SMTP_HOST=127.0.0.1\nSMTP_SECURITY=starttls", Security::StartTls, 587);
    }

    #[test]
    fn what_a_server_says_of_a_setting_leads_to_it() {
        let check = |said: &str, status: Option<u16>, words: &str| {
            assert!(remedy(said, status).contains(words), "{said}");
        };
        check("permanent error (535): 5.7.8 invalid", Some(535), "SMTP_PASSWORD");
        check("Must issue a STARTTLS command first", Some(530), "SMTP_SECURITY=starttls");
        check("received corrupt message of type InvalidContentType", None, "=starttls");
        check("invalid peer certificate: UnknownIssuer", None, "SMTP_SSLROOTCERT");
        assert_eq!(remedy("permanent error (552): too big", Some(552)), "");
    }

    #[test]
    fn nothing_of_a_notebook_becomes_html() {
        let line = Line { name: "Error".into(), text: "<b>&\n\"".into(), code: true };
        assert!(row(&line).contains("<code>&lt;b&gt;&amp;<br>&quot;</code>"), "{}", row(&line));
    }
}
