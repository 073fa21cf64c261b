//! What is said when nothing is wrong, or rests on purpose.

use jiff::Timestamp;

use super::speaker::Speaker;
use super::{Finding, Level, To};
use crate::web::links;

impl Speaker<'_> {
    /// Nothing is wrong.
    pub fn fresh(&self) -> Finding {
        let Some(success) = self.facts.success else { return self.beginning() };
        if self.facts.is_syncing() {
            return self.syncing(success);
        }
        let when = self.words.when_in_sentence(success);
        let text = self.tell(
            format!("Dernière mise à jour {when}. {}", self.next()),
            format!("Last brought up to date {when}. {}", self.next()),
        );
        let title = self.say("Vos chiffres sont à jour", "Your figures are up to date");
        // Nothing needs doing: whoever wants to all the same finds it beside the notebooks.
        Finding::new(Level::Good, title, text)
    }

    fn syncing(&self, success: Timestamp) -> Finding {
        let title = self.say("Mise à jour en cours", "Being brought up to date");
        let oldest = self.oldest(self.facts.oldest.unwrap_or(success));
        Finding::new(Level::Running, title, format!("{} {oldest}", self.under_way()))
    }

    /// No notebook has succeeded yet, and none has failed.
    fn beginning(&self) -> Finding {
        if self.facts.is_syncing() {
            let title =
                self.say("Première synchronisation en cours", "The first sync is under way");
            let soon = self.say("Vos chiffres arrivent.", "Your figures are on their way.");
            return Finding::new(Level::Running, title, format!("{} {soon}", self.under_way()));
        }
        let title = self.say("Aucun chiffre pour l’instant", "No figures yet");
        let none = self.say("Aucun notebook ne s’est encore exécuté.", "No notebook has run yet.");
        let text = format!("{none} {}", self.next());
        Finding::new(Level::Idle, title, text).helps([self.sync_now()])
    }

    fn next(&self) -> String {
        match &self.facts.state.next {
            Some(next) if next.at <= self.words.now => self
                .say("La prochaine synchronisation commence.", "The next sync begins.")
                .to_owned(),
            Some(next) => {
                let when = self.words.when_in_sentence(next.at);
                self.tell(
                    format!("Prochaine synchronisation {when}."),
                    format!("Next sync {when}."),
                )
            }
            None => self.say("Aucune synchronisation n’est prévue.", "No sync is due.").to_owned(),
        }
    }

    /// Who runs now, and how many wait.
    fn under_way(&self) -> String {
        let state = &self.facts.state;
        let running: Vec<&str> = state.running.iter().map(|run| run.notebook.as_str()).collect();
        let names = self.names(&running);
        let runs = match running.len() {
            0 => self.say("Les noyaux démarrent.", "The kernels are starting.").to_owned(),
            1 => self.tell(format!("{names} s’exécute."), format!("{names} is running.")),
            _ => self.tell(format!("{names} s’exécutent."), format!("{names} are running.")),
        };
        if state.waiting == 0 {
            return runs;
        }
        let waiting = self.words.count(
            state.waiting as u64,
            ["notebook attend son tour", "notebooks attendent leur tour"],
            ["notebook waits for its turn", "notebooks wait for their turn"],
        );
        format!("{runs} {waiting}.")
    }

    /// "En pause depuis 20 min", "En pause depuis hier à 18:00".
    fn paused_since(&self, at: Timestamp) -> String {
        let passed = self.words.now.duration_since(at);
        if passed.as_mins() == 0 {
            return self.say("En pause", "Paused").to_owned();
        }
        // "depuis il y a 20 min" is no French, and "since 20 min ago" no English.
        if passed.as_hours() < 6 {
            let passed = self.words.length(passed.try_into().unwrap_or_default());
            return self.tell(format!("En pause depuis {passed}"), format!("Paused for {passed}"));
        }
        let since = self.words.since(at);
        self.tell(format!("En pause depuis {since}"), format!("Paused since {since}"))
    }

    /// Everything is paused.
    pub fn pause(&self) -> Option<Finding> {
        let pause = self.facts.pause_of_all()?;
        let title = self.paused_since(pause.at);
        let rests =
            self.say("Rien ne s’exécute à l’heure prévue.", "Nothing runs on its schedule.");
        let oldest = self.facts.oldest.map(|oldest| self.oldest(oldest)).unwrap_or_default();
        let by = match self.words.who(&pause.by).as_str() {
            "" => String::new(),
            by => {
                let by = self.words.who(by);
                self.tell(format!("Demandée par {by}."), format!("Asked for by {by}."))
            }
        };
        let text = [rests, &oldest, &by].into_iter().filter(|part| !part.is_empty());
        let text = text.collect::<Vec<_>>().join(" ");
        let resume = self.help("Reprendre", "Resume", To::Dialog("/resume".into()));
        Some(Finding::new(Level::Warn, title, text).helps([resume]))
    }

    /// The tables cannot be read yet, and nobody need do anything about that.
    pub fn postgres_starts(&self) -> Option<Finding> {
        let title = self.say("PostgreSQL démarre", "PostgreSQL is starting");
        let text = self.say(
            "Dans un instant, Power BI pourra de nouveau lire les tables.",
            "In a moment Power BI can read the tables again.",
        );
        self.facts.state.postgresql_starts.then(|| Finding::new(Level::Running, title, text))
    }

    /// Notebooks that are paused by themselves.
    pub fn paused_notebooks(&self) -> Option<Finding> {
        let paused = self.facts.paused_notebooks();
        if paused.is_empty() || self.facts.pause_of_all().is_some() {
            return None;
        }
        let title = self.words.count(
            paused.len() as u64,
            ["notebook est en pause", "notebooks sont en pause"],
            ["notebook is paused", "notebooks are paused"],
        );
        let resume = self.help("Reprendre", "Resume", To::Dialog("/resume".into()));
        Some(Finding::new(Level::Idle, title, self.names(&paused)).helps([resume]))
    }

    /// Notebooks that were added and have not run yet, beside others that have.
    pub fn new_notebooks(&self) -> Option<Finding> {
        let new: Vec<&str> = self.facts.new.iter().map(String::as_str).collect();
        if new.is_empty() || self.facts.success.is_none() || self.facts.is_syncing() {
            return None;
        }
        let title = self.words.count(
            new.len() as u64,
            ["notebook ne s’est pas encore exécuté", "notebooks ne se sont pas encore exécutés"],
            ["notebook has not run yet", "notebooks have not run yet"],
        );
        let run = match new.as_slice() {
            [one] => format!("{}/run", links::notebook(one)),
            _ => "/run".to_owned(),
        };
        let run = self.help("Lancer", "Run", To::Dialog(run));
        Some(Finding::new(Level::Idle, title, self.names(&new)).helps([run]))
    }
}
