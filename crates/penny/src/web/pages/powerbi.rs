//! Connecting Power BI: the values, the steps, the file.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use penny_postgres::embedded;

use crate::config::Language;
use crate::database::{Place as Server, Rooms, Settings};
use crate::error::Result;
use crate::powerbi::PowerBi;
use crate::web::look::{Page, Place};
use crate::web::visit::Visit;

/// `GET /powerbi`
pub async fn powerbi(visit: Visit) -> Response {
    visit.show(page).await
}

/// `GET /powerbi/pennylane.pbids`
pub async fn powerbi_file(visit: Visit) -> Response {
    match values(&visit) {
        Ok((powerbi, _)) => file(&powerbi),
        Err(error) => {
            let sentence = visit.workspace.secrets.mask(&error.sentence()).to_string();
            (StatusCode::SERVICE_UNAVAILABLE, sentence).into_response()
        }
    }
}

/// The file as a browser keeps it.
pub fn file(powerbi: &PowerBi) -> Response {
    let name = format!("attachment; filename=\"{}\"", powerbi.file_name());
    let headers = [
        (header::CONTENT_TYPE, "application/json; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, name),
    ];
    (headers, format!("{:#}\n", powerbi.file())).into_response()
}

/// What Power BI needs, and whether the server runs; of a server that is not ours that is not asked.
///
/// # Errors
/// `.env` does not say which server.
pub fn values(visit: &Visit) -> Result<(PowerBi, bool)> {
    let settings = Settings::of(&visit.workspace)?;
    let running = match settings.place {
        Server::Embedded { .. } => embedded::running(&Rooms::of(&visit.workspace).data()),
        Server::Server(_) => None,
    };
    let powerbi = PowerBi::of(&settings, running.as_ref().map(|running| running.port));
    let runs = !powerbi.own || running.is_some();
    Ok((powerbi, runs))
}

fn page(visit: &Visit) -> Result<Page> {
    let (powerbi, runs) = values(visit)?;
    let title = visit.say("Connecter Power BI", "Connect Power BI");
    let file = powerbi.file_name();
    let body = html! {
        p.small { a href="/tables" { "← Tables" } }
        h1 { (title) }
        p.lead { (visit.say(
            "Power BI Desktop lit les tables directement dans PostgreSQL. Le plus simple\u{a0}: télécharger le fichier, l’ouvrir d’un double clic, et saisir le nom d’utilisateur et le mot de passe.",
            "Power BI Desktop reads the tables straight from PostgreSQL. The simplest way: download the file, open it with a double click, and type the user name and the password.",
        )) }
        p.actions {
            a.button.primary href=(format!("/powerbi/{file}")) download {
                (visit.say("Télécharger ", "Download ")) (file)
            }
        }
        @if !runs {
            p.state.warn { (visit.say(
                "PostgreSQL n’est pas en marche en ce moment\u{a0}: «\u{a0}penny db start\u{a0}» le démarre.",
                "PostgreSQL does not run at the moment: `penny db start` starts it.",
            )) }
        }
        (table(visit, &powerbi))
        (steps(visit, &powerbi))
    };
    Ok(Page::new(title, Place::Tables, body))
}

/// The values, each with a button that copies it.
fn table(visit: &Visit, powerbi: &PowerBi) -> Markup {
    let (server, port) = powerbi.server.rsplit_once(':').unwrap_or((&powerbi.server, ""));
    let values = [
        (visit.say("Serveur", "Server"), powerbi.server.as_str()),
        (visit.say("Ordinateur seul", "Computer alone"), server),
        (visit.say("Port seul", "Port alone"), port),
        (visit.say("Base de données", "Database"), &powerbi.database),
        (visit.say("Schéma des tables", "Schema of the tables"), &powerbi.schema),
        (visit.say("Nom d’utilisateur", "User name"), &powerbi.user),
    ];
    let (copy, done) = (visit.say("Copier", "Copy"), visit.say("Copié", "Copied"));
    html! {
        section aria-labelledby="values" {
            h2 #values { (visit.say("Les valeurs", "The values")) }
            div.card {
                table.values {
                    tbody {
                        @for (label, value) in values {
                            tr {
                                th scope="row" { (label) }
                                td { code { (value) } }
                                td.number {
                                    button hidden data-copy=(value) data-done=(done)
                                        aria-label=(format!("{copy}\u{a0}: {label}")) { (copy) }
                                }
                            }
                        }
                        tr {
                            th scope="row" { (visit.say("Mot de passe", "Password")) }
                            td colspan="2" { (password(visit, powerbi)) }
                        }
                    }
                }
            }
        }
    }
}

/// How the password is got: a page never shows it.
fn password(visit: &Visit, powerbi: &PowerBi) -> Markup {
    html! {
        (visit.say("dans le fichier ", "in the file ")) code { ".env" }
        (visit.say(" du dossier ", " of the folder ")) code { (visit.workspace.root.display()) }
        (visit.say(", à la ligne ", ", on the line ")) code { (powerbi.password_variable) "=…" }
        @if powerbi.password_variable == "DATABASE_URL" {
            (visit.say(" (entre le nom d’utilisateur et @)", " (between the user name and @)"))
        }
    }
}

/// The steps by hand, in Power BI Desktop's own words.
fn steps(visit: &Visit, powerbi: &PowerBi) -> Markup {
    let is_french = visit.language == Language::French;
    html! {
        section aria-labelledby="steps" {
            h2 #steps { (visit.say("Pas à pas, sans le fichier", "Step by step, without the file")) }
            ol.steps {
                @if is_french {
                    li { "Dans Power BI Desktop, onglet Accueil\u{a0}: " b { "Obtenir les données" } " → " b { "Plus…" } " → " b { "Base de données" } " → " b { "Base de données PostgreSQL" } " → " b { "Se connecter" } "." }
                    li { b { "Serveur" } "\u{a0}: " code { (powerbi.server) } ", " b { "Base de données" } "\u{a0}: " code { (powerbi.database) } "." }
                    li { b { "Mode de connectivité des données" } "\u{a0}: " b { "Importer" } ", puis " b { "OK" } "." }
                    li { "À gauche, " b { "Base de données" } " (et non Windows)\u{a0}: nom d’utilisateur " code { (powerbi.user) } ", le mot de passe, puis " b { "Se connecter" } "." }
                    @if powerbi.own { li { "Si Power BI signale que la connexion n’est pas chiffrée\u{a0}: " b { "OK" } ". Le serveur est sur cet ordinateur, et n’a pas de certificat." } }
                    li { "Dans le " b { "Navigateur" } ", cocher les tables du schéma " code { (powerbi.schema) } ", puis " b { "Charger" } "." }
                    li { "Plus tard, " b { "Actualiser" } " (onglet Accueil) relit les tables\u{a0}: toujours une version entière de chacune, même pendant une publication." }
                } @else {
                    li { "In Power BI Desktop, tab Home: " b { "Get data" } " → " b { "More…" } " → " b { "Database" } " → " b { "PostgreSQL database" } " → " b { "Connect" } "." }
                    li { b { "Server" } ": " code { (powerbi.server) } ", " b { "Database" } ": " code { (powerbi.database) } "." }
                    li { b { "Data Connectivity mode" } ": " b { "Import" } ", then " b { "OK" } "." }
                    li { "On the left, " b { "Database" } " (not Windows): user name " code { (powerbi.user) } ", the password, then " b { "Connect" } "." }
                    @if powerbi.own { li { "If Power BI says that the connection is not encrypted: " b { "OK" } ". The server is on this computer, and has no certificate." } }
                    li { "In the " b { "Navigator" } ", tick the tables of the schema " code { (powerbi.schema) } ", then " b { "Load" } "." }
                    li { "Later, " b { "Refresh" } " (tab Home) reads the tables again: always one whole version of each, even during a publish." }
                }
            }
            p { (visit.say(
                "Pour que le service Power BI (app.powerbi.com) actualise un rapport publié, il lui faut une passerelle de données locale, installée sur un ordinateur qui atteint ce serveur, avec les mêmes valeurs.",
                "For the Power BI service (app.powerbi.com) to refresh a published report, it needs an on-premises data gateway on a computer that reaches this server, with the same values.",
            )) }
        }
    }
}
