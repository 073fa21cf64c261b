//! The sentences of messages, in English and in French.

use crate::config::Language;

/// What the parts of a message are called; `{…}` stands for what differs.
pub struct Phrases {
    pub failed_one: &'static str,
    pub failed_many: &'static str,
    pub stale_one: &'static str,
    pub stale_many: &'static str,
    pub slow_one: &'static str,
    pub slow_many: &'static str,
    pub service: &'static str,
    pub over_one: &'static str,
    pub over_many: &'static str,
    pub test: &'static str,
    pub test_body: &'static str,
    pub error: &'static str,
    pub place: &'static str,
    pub line: &'static str,
    pub since: &'static str,
    pub until: &'static str,
    pub output: &'static str,
    pub to_do: &'static str,
    pub published: &'static str,
    pub rows: &'static str,
    pub allowed: &'static str,
    pub from_notebook: &'static str,
    pub usual: &'static str,
    pub works_again: &'static str,
    pub fresh_again: &'static str,
    pub ended_at_last: &'static str,
    pub service_again: &'static str,
    pub mend_notebook: &'static str,
    pub mend_stale: &'static str,
    pub mend_slow: &'static str,
    pub mend_service: &'static str,
    pub and_more: &'static str,
    pub footer: &'static str,
}

const ENGLISH: Phrases = Phrases {
    failed_one: "{names} failed",
    failed_many: "{count} notebooks failed: {names}",
    stale_one: "{names} is out of date",
    stale_many: "{count} tables are out of date: {names}",
    slow_one: "{names} takes much longer than usual",
    slow_many: "{count} notebooks take much longer than usual: {names}",
    service: "Penny cannot do its work",
    over_one: "{names} works again",
    over_many: "{count} things work again: {names}",
    test: "this is a test",
    test_body: "If you can read this, alerts reach you here.",
    error: "Error",
    place: "What happened",
    line: "Line",
    since: "Since",
    until: "Until",
    output: "Output notebook",
    to_do: "What to do",
    published: "Last published",
    rows: "Rows",
    allowed: "May be as old as",
    from_notebook: "Notebook",
    usual: "Usually takes",
    works_again: "The notebook runs without error again.",
    fresh_again: "The table has been published again.",
    ended_at_last: "The run has ended, and went well.",
    service_again: "The service works again.",
    mend_notebook: "Open the output notebook: its last cell shows the error. Correct {file}; it \
                    runs again with the next sync, or at once with: penny run {name}",
    mend_stale: "See whether the notebook still runs and publishes this table: penny history {name}",
    mend_slow: "Nothing, if there is more data than usual. Else see where it is: penny status",
    mend_service: "See the log: logs/notebook_scheduler.log. Penny tries again by itself.",
    and_more: "… and {count} more: penny alerts lists them all",
    footer: "Penny, workspace {workspace} on {host}. You are told once; the next message of this \
             comes when it is over.",
};

const FRENCH: Phrases = Phrases {
    failed_one: "{names} a échoué",
    failed_many: "{count} notebooks ont échoué\u{a0}: {names}",
    stale_one: "{names} n’est plus à jour",
    stale_many: "{count} tables ne sont plus à jour\u{a0}: {names}",
    slow_one: "{names} dure beaucoup plus longtemps que d’habitude",
    slow_many: "{count} notebooks durent beaucoup plus longtemps que d’habitude\u{a0}: {names}",
    service: "Penny ne peut pas faire son travail",
    over_one: "{names} fonctionne de nouveau",
    over_many: "{count} retours à la normale\u{a0}: {names}",
    test: "ceci est un essai",
    test_body: "Si vous lisez ceci, les alertes vous parviennent ici.",
    error: "Erreur",
    place: "Ce qui s’est passé",
    line: "Ligne",
    since: "Depuis",
    until: "Jusqu’à",
    output: "Notebook exécuté",
    to_do: "Que faire",
    published: "Dernière publication",
    rows: "Lignes",
    allowed: "Ancienneté admise",
    from_notebook: "Notebook",
    usual: "Durée habituelle",
    works_again: "Le notebook s’exécute de nouveau sans erreur.",
    fresh_again: "La table a été publiée de nouveau.",
    ended_at_last: "L’exécution est terminée, avec succès.",
    service_again: "Le service fonctionne de nouveau.",
    mend_notebook: "Ouvrez le notebook exécuté\u{a0}: sa dernière cellule montre l’erreur. Corrigez \
                    {file}\u{202f}; il s’exécute de nouveau à la prochaine synchronisation, ou tout de \
                    suite avec\u{a0}: penny run {name}",
    mend_stale: "Vérifiez que le notebook s’exécute et publie encore cette table\u{a0}: penny history \
                 {name}",
    mend_slow: "Rien, s’il y a plus de données que d’habitude. Sinon, voyez où il en est\u{a0}: penny \
                status",
    mend_service: "Consultez le journal\u{a0}: logs/notebook_scheduler.log. Penny réessaie de lui-même.",
    and_more: "… et {count} autres\u{a0}: penny alerts les montre tous",
    footer: "Penny, espace de travail {workspace} sur {host}. Vous n’êtes prévenu qu’une fois\u{202f}; le \
             prochain message à ce sujet annoncera la fin du problème.",
};

impl Phrases {
    /// Those of a language.
    pub fn of(language: Language) -> &'static Phrases {
        match language {
            Language::English => &ENGLISH,
            Language::French => &FRENCH,
        }
    }
}

/// A phrase with its places filled in.
pub fn fill(phrase: &str, places: &[(&str, &str)]) -> String {
    let mut text = phrase.to_owned();
    for (name, value) in places {
        text = text.replace(&format!("{{{name}}}"), value);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_place_of_a_phrase_stays_empty() {
        let filled = fill(FRENCH.mend_notebook, &[("file", "f.ipynb"), ("name", "n")]);
        assert!(!filled.contains('{'), "{filled}");
    }
}
