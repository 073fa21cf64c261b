//! What is wrong, in sentences.

use super::super::facts::Failure;
use super::speaker::{NAMES_MAX, Speaker, plain_name};
use super::{Finding, Level, To};
use crate::language::{self, Said};
use crate::store::Outcome;
use crate::web::{health, links};

impl Speaker<'_> {
    pub fn ending(&self) -> Option<Finding> {
        let text = self.say(
            "Les tables restent telles qu’elles sont\u{202f}; rien ne s’exécute plus jusqu’au prochain démarrage.",
            "The tables stay as they are; nothing runs any more until the next start.",
        );
        let title = self.say("Penny s’arrête", "Penny is ending");
        self.facts.state.stopping.then(|| Finding::new(Level::Warn, title, text))
    }

    pub fn stuck(&self) -> Option<Finding> {
        let silent = health::silent(&self.facts.state, self.words.now)?;
        let silent = self.words.length(silent.try_into().unwrap_or_default());
        let text = self.tell(
            format!("Depuis {silent}, le service ne regarde plus ce qui est à faire\u{a0}: aucune synchronisation ne commence."),
            format!("For {silent} the service has not looked at what is due: no sync begins."),
        );
        let title = self.say("Penny ne réagit plus", "Penny does not react any more");
        Some(Finding::new(Level::Bad, title, text).helps([self.see_log()]))
    }

    /// Nobody can read the tables.
    pub fn postgres(&self) -> Option<Finding> {
        self.facts.oldest?;
        let text = self.say(
            "Power BI ne peut pas lire les tables, et les notebooks ne peuvent pas les mettre à jour. \
             Ce qui a été publié n’est pas perdu.",
            "Power BI cannot read the tables, and notebooks cannot bring them up to date. \
             What was published is not lost.",
        );
        self.postgres_is_away(Level::Bad, text)
    }

    /// There is no table that somebody could want to read.
    pub fn postgres_unused(&self) -> Option<Finding> {
        if self.facts.oldest.is_some() {
            return None;
        }
        let text = self.say(
            "Aucune table n’a encore été publiée, et aucune ne peut l’être tant qu’il ne répond pas.",
            "No table has been published yet, and none can be as long as it does not answer.",
        );
        self.postgres_is_away(Level::Warn, text)
    }

    fn postgres_is_away(&self, level: Level, text: &str) -> Option<Finding> {
        let why = self.facts.postgres.as_ref()?;
        // Penny's own server starts with the first sync.
        if self.facts.state.last_sync.is_none() && self.facts.is_syncing() {
            return None;
        }
        let title = self.say("PostgreSQL ne répond pas", "PostgreSQL does not answer");
        let finding = Finding::new(level, title, text);
        let finding = finding.said(self.sentence(why));
        Some(finding.helps([self.sync_now(), self.see_log()]))
    }

    /// One notebook that did not succeed is told in full, several are listed.
    pub fn failed(&self, failures: &[&Failure]) -> Option<Finding> {
        let first = failures.first()?;
        let level = if first.is_wanted() { Level::Warn } else { Level::Bad };
        let mut finding = match failures {
            [one] => self.failed_one(one, level),
            _ => self.failed_many(failures, level),
        };
        if failures.iter().all(|failure| failure.again) {
            let again = self.say("Une nouvelle exécution est en cours.", "It is being run again.");
            finding.text = format!("{} {again}", finding.text);
        }
        Some(finding)
    }

    /// What was raised: Penny's own sentences in the reader's language, a notebook's as they are.
    fn raised(&self, failure: &Failure) -> Said {
        language::raised(&failure.told.error, self.words.language)
    }

    fn failed_one(&self, failure: &Failure, level: Level) -> Finding {
        let did = match failure.outcome {
            Outcome::TimedOut => {
                self.say("a dépassé sa limite de temps", "took longer than its limit")
            }
            Outcome::Crashed => self.say("a été interrompu", "was cut off"),
            Outcome::Cancelled => self.say("a été annulé", "was cancelled"),
            _ => self.say("a échoué", "failed"),
        };
        let name = self.names(&[&failure.notebook]);
        let title = format!("{name} {did} {}", self.words.when_in_sentence(failure.at));
        let line = failure.told.line.as_deref().unwrap_or_default();
        let said = [self.sentence(&failure.told.happened), self.raised(failure), Said::plain(line)];
        let said = said.into_iter().filter(|said| !said.parts().is_empty());
        let lines = said.reduce(|text, more| text.and(Said::plain("\n")).and(more));
        let again = To::Dialog(format!("/runs/{}/retry", failure.run));
        let error = To::Page(format!("/runs/{}", failure.run));
        Finding::new(level, title, self.age_of(&[failure])).said(lines.unwrap_or_default()).helps([
            self.help("Relancer", "Run it again", again),
            self.help("Voir l’erreur", "See the error", error),
        ])
    }

    fn failed_many(&self, failures: &[&Failure], level: Level) -> Finding {
        let count = self.words.number(failures.len() as u64);
        let title = match level {
            Level::Bad => self
                .tell(format!("{count} notebooks ont échoué"), format!("{count} notebooks failed")),
            _ => self.tell(
                format!("{count} notebooks ont été annulés"),
                format!("{count} notebooks were cancelled"),
            ),
        };
        let mut finding = Finding::new(level, title, self.age_of(failures));
        for failure in failures.iter().take(NAMES_MAX) {
            let (name, when) = (&failure.notebook, self.words.when(failure.at));
            let told = self.tell(format!("{name}, {when}\u{a0}: "), format!("{name}, {when}: "));
            let why = match failure.told.error.lines().next() {
                Some(error) => language::raised(error, self.words.language),
                None => self.sentence(&failure.told.happened),
            };
            finding.runs.push((format!("/runs/{}", failure.run), Said::plain(told).and(why)));
        }
        let word = if level == Level::Bad { "failed" } else { "cancelled" };
        let all = To::Page(format!("/history?outcome={word}"));
        finding.helps([
            self.help("Relancer", "Run them again", To::Dialog("/run".into())),
            self.help("Voir dans l’historique", "See them in the history", all),
        ])
    }

    /// How old what is in the tables of notebooks is that did not succeed.
    fn age_of(&self, failures: &[&Failure]) -> String {
        let oldest = failures.iter().flat_map(|failure| &failure.tables).min();
        let tables: usize = failures.iter().map(|failure| failure.tables.len()).sum();
        let one = failures.len() == 1;
        let text = match (oldest, tables) {
            (None, _) if one => self
                .say("Il n’a encore publié aucune table.", "It has not published a table yet.")
                .to_owned(),
            (None, _) => self
                .say(
                    "Ils n’ont encore publié aucune table.",
                    "They have not published a table yet.",
                )
                .to_owned(),
            (Some(at), 1) => {
                let from = self.from(*at);
                self.tell(
                    format!("Sa table date {from}."),
                    format!("Its table was published {from}."),
                )
            }
            (Some(at), _) if one => {
                let from = self.from(*at);
                self.tell(
                    format!("Ses tables datent {from}."),
                    format!("Its tables were published {from}."),
                )
            }
            (Some(at), _) => {
                let from = self.from(*at);
                self.tell(
                    format!("La plus ancienne de leurs tables date {from}."),
                    format!("The oldest of their tables was published {from}."),
                )
            }
        };
        format!("{text}{}", self.others())
    }

    /// How the notebooks stand that did not fail.
    fn others(&self) -> String {
        let held: Vec<&str> = self.facts.held.iter().map(String::as_str).collect();
        let names = self.names(&held);
        match held.len() {
            0 => {}
            1 => {
                return self
                    .tell(format!(" {names} en dépend."), format!(" {names} depends on it."));
            }
            _ => {
                return self
                    .tell(format!(" {names} en dépendent."), format!(" {names} depend on it."));
            }
        }
        let troubled = self.facts.failures.len() + self.facts.new.len();
        match self.facts.stale.is_empty() && self.facts.notebooks > troubled {
            true => self
                .say(" Les autres chiffres sont à jour.", " The other figures are up to date.")
                .to_owned(),
            false => String::new(),
        }
    }

    pub fn stale(&self) -> Option<Finding> {
        let stale = &self.facts.stale;
        let oldest = stale.iter().map(|stale| stale.table.published).min()?;
        let names: Vec<&str> = stale.iter().map(|stale| plain_name(&stale.table.table)).collect();
        let names = self.names(&names);
        let limit = stale.iter().map(|stale| stale.allowed).min().unwrap_or_default();
        let (limit, count) = (self.words.length(limit), self.words.number(stale.len() as u64));
        let (title, text) = match stale.len() {
            1 => {
                let from = self.from(oldest);
                let title = self.tell(
                    format!("La table {names} a plus de {limit}"),
                    format!("The table {names} is more than {limit} old"),
                );
                let text = self.tell(
                    format!("Ses chiffres datent {from}."),
                    format!("Its figures were published {from}."),
                );
                (title, text)
            }
            _ => {
                let title = self.tell(
                    format!("{count} tables ont plus de {limit}"),
                    format!("{count} tables are more than {limit} old"),
                );
                (title, format!("{names}. {}", self.oldest(oldest)))
            }
        };
        let notebooks: Vec<&String> =
            stale.iter().filter_map(|stale| stale.table.notebook.as_ref()).collect();
        let one = notebooks.first().filter(|first| notebooks.iter().all(|name| name == *first));
        let run = one.map_or("/run".to_owned(), |name| format!("{}/run", links::notebook(name)));
        Some(Finding::new(Level::Warn, title, text).helps([
            self.help("Mettre à jour maintenant", "Bring up to date now", To::Dialog(run)),
            self.help("Voir les tables", "See the tables", To::Page("/tables".into())),
        ]))
    }

    pub fn settings(&self) -> Option<Finding> {
        let error = self.facts.state.config_error.as_ref()?;
        let text = self.say(
            "Les réglages d’avant restent en vigueur, et les synchronisations continuent. \
             Dès que le fichier est corrigé, il est relu.",
            "The settings from before hold on, and syncs go on. As soon as the file is right, it is read again.",
        );
        let title = self.say("penny.toml contient une erreur", "There is a mistake in penny.toml");
        let copy = To::Copy(self.facts.settings.clone());
        Some(Finding::new(Level::Warn, title, text).said(self.sentence(error)).helps([
            self.help("Copier le chemin du fichier", "Copy the path of the file", copy),
            self.see_log(),
        ]))
    }

    /// What the last sync could not open; what PostgreSQL says now is told before.
    pub fn trouble(&self) -> Option<Finding> {
        let trouble = self.facts.state.trouble.as_ref()?;
        if self.facts.postgres.is_some() && trouble.contains("PostgreSQL") {
            return None;
        }
        let again =
            self.say("La prochaine synchronisation réessaie.", "The next sync tries again.");
        let text = match &self.facts.state.last_sync {
            Some(sync) => {
                let when = self.words.when_in_sentence(sync.at);
                self.tell(format!("C’était {when}. {again}"), format!("That was {when}. {again}"))
            }
            None => again.to_owned(),
        };
        let title = self.say(
            "Il a manqué quelque chose à la dernière synchronisation",
            "The last sync did not find all that it needs",
        );
        let finding = Finding::new(Level::Warn, title, text).said(self.sentence(trouble));
        Some(finding.helps([self.sync_now(), self.see_log()]))
    }
}
