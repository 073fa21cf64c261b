//! What penny.toml and `.env` say about who may see the dashboard.

use std::net::SocketAddr;

use crate::config::Variables;
use crate::error::{Error, Result};
use crate::workspace::Workspace;

/// The variable with the password that logs in where no link can be printed.
pub const PASSWORD: &str = "PENNY_WEB_PASSWORD";
/// The variable with the token that programs show.
pub const API_TOKEN: &str = "PENNY_API_TOKEN";
/// A shorter password is guessed too soon.
const PASSWORD_LETTERS_MIN: usize = 12;
/// A token is not typed: it can be long.
const API_TOKEN_LETTERS_MIN: usize = 20;

/// Who may see it, as far as the user has said.
pub struct Settings {
    /// The names that requests may call it by.
    pub hosts: Vec<String>,
    /// Whether a reverse proxy stands before it.
    pub proxy: bool,
    /// The password that logs in.
    pub password: Option<String>,
    /// The token that programs show.
    pub api_token: Option<String>,
    /// Where it listens.
    pub listen: SocketAddr,
}

impl Settings {
    /// Those of a workspace.
    ///
    /// # Errors
    /// Others than this computer could come in without a password; a password or token that is too short.
    pub fn of(workspace: &Workspace) -> Result<Settings> {
        let web = &workspace.config.web;
        let settings = Settings {
            hosts: web.hosts.clone(),
            proxy: web.proxy,
            password: secret(&workspace.variables, PASSWORD, PASSWORD_LETTERS_MIN)?,
            api_token: secret(&workspace.variables, API_TOKEN, API_TOKEN_LETTERS_MIN)?,
            listen: web.listen,
        };
        if web.enabled && settings.is_open() && settings.password.is_none() {
            let message = format!(
                "`listen = \"{}\"` in [web] lets other computers in, and there is no password",
                web.listen
            );
            return Err(Error::usage(message)
                .hint(format!(
                    "add a line {PASSWORD}=… with at least {PASSWORD_LETTERS_MIN} letters to .env"
                ))
                .hint("or listen to this computer alone: listen = \"127.0.0.1:8787\""));
        }
        Ok(settings)
    }

    /// Whether other computers reach it.
    pub fn is_open(&self) -> bool {
        !self.listen.ip().to_canonical().is_loopback()
    }

    /// What should be known before others come in.
    pub fn warning(&self) -> Option<String> {
        (self.is_open() && !self.proxy).then(|| {
            format!(
                "[web] listens on {}: passwords and figures cross the network unencrypted unless a reverse proxy \
                 with TLS stands before it (docs/dashboard.md); `proxy = true` in [web] says that one does",
                self.listen
            )
        })
    }
}

fn secret(variables: &Variables, name: &str, letters_min: usize) -> Result<Option<String>> {
    let Some(text) = variables.get(name) else { return Ok(None) };
    if text.chars().count() < letters_min {
        return Err(Error::usage(format!("{name} is too short to be safe"))
            .hint(format!("give it at least {letters_min} letters, in .env")));
    }
    Ok(Some(text.to_owned()))
}
