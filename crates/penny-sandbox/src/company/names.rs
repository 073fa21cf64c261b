//! Invented people, companies and places that sound French, and how they are written.

use super::chance::Chance;
use super::model::Address;

const FIRST_NAMES: &[&str] = &[
    "Adèle",
    "Agnès",
    "Amélie",
    "André",
    "Anaïs",
    "Antoine",
    "Aurélie",
    "Benoît",
    "Camille",
    "Cécile",
    "Chloé",
    "Clément",
    "Damien",
    "Élise",
    "Éloïse",
    "Émile",
    "Étienne",
    "Fanny",
    "François",
    "Gaëlle",
    "Gérard",
    "Hélène",
    "Inès",
    "Jérôme",
    "Joël",
    "Julien",
    "Karim",
    "Laëtitia",
    "Léa",
    "Loïc",
    "Lucie",
    "Maël",
    "Manon",
    "Mathilde",
    "Maxime",
    "Mélanie",
    "Nadia",
    "Noémie",
    "Océane",
    "Pascal",
    "Pierre",
    "Rachel",
    "Raphaël",
    "Régis",
    "Romain",
    "Sébastien",
    "Sofia",
    "Solène",
    "Thaïs",
    "Théo",
    "Valérie",
    "Victor",
    "Yann",
    "Yasmine",
    "Zoé",
];

const LAST_NAMES: &[&str] = &[
    "Aubert",
    "Barbier",
    "Béranger",
    "Blanchet",
    "Bouchard",
    "Brunel",
    "Carpentier",
    "Chabert",
    "Chevallier",
    "Colin",
    "Cordier",
    "Courtois",
    "Delmas",
    "Desprès",
    "Diallo",
    "Dufour",
    "Dumont",
    "Fabre",
    "Ferrand",
    "Fontaine",
    "Gaillard",
    "Garnier",
    "Gauthier",
    "Giraud",
    "Guérin",
    "Hamel",
    "Haddad",
    "Imbert",
    "Jacquet",
    "Joubert",
    "Lacombe",
    "Laurent",
    "Lefèvre",
    "Legrand",
    "Lemaître",
    "Lévêque",
    "Maçon",
    "Marchand",
    "Marty",
    "Mercier",
    "Michaud",
    "Moreau",
    "Müller",
    "N'Guyen",
    "Noël",
    "Pelletier",
    "Perrot",
    "Picard",
    "Poirier",
    "Prévost",
    "Rey",
    "Rivière",
    "Rousseau",
    "Roussel",
    "Sauvage",
    "Tessier",
    "Traoré",
    "Vasseur",
    "Verdier",
    "Vidal",
];

const TRADES: &[&str] = &[
    "Ateliers",
    "Boulangerie",
    "Brasserie",
    "Cabinet",
    "Café",
    "Clinique",
    "Domaine",
    "Éditions",
    "École",
    "Espace",
    "Fromagerie",
    "Galerie",
    "Garage",
    "Groupe",
    "Hôtel",
    "Imprimerie",
    "Jardins",
    "Laboratoire",
    "Librairie",
    "Maison",
    "Menuiserie",
    "Musée",
    "Pharmacie",
    "Restaurant",
    "Résidence",
    "Studio",
    "Théâtre",
    "Transports",
];

const PLACES: &[&str] = &[
    "Bellecour",
    "Bellevue",
    "Beaurivage",
    "Croix-Rousse",
    "de l'Écluse",
    "de l'Étoile",
    "de la Forêt",
    "de la Gare",
    "des Alpes",
    "des Brotteaux",
    "des Cèdres",
    "des États-Unis",
    "des Lumières",
    "des Quais",
    "du Château",
    "du Marché",
    "du Moulin",
    "du Parc",
    "du Rhône",
    "du Soleil",
    "Gambetta",
    "Grand-Place",
    "Montchat",
    "Montplaisir",
    "Perrache",
    "Presqu'île",
    "Saint-Étienne",
    "Saint-Jean",
    "Sainte-Hélène",
    "Vauban",
];

const FORMS: &[&str] = &["SARL", "SAS", "SA", "EURL", "SASU", "SCOP"];

const STREETS: &[&str] = &[
    "rue de la République",
    "rue Victor-Hugo",
    "avenue Jean-Jaurès",
    "boulevard des Belges",
    "rue des Écoles",
    "place de l'Église",
    "quai de la Pêcherie",
    "rue du Général-de-Gaulle",
    "impasse des Lilas",
    "chemin du Vallon",
    "rue Pasteur",
    "allée des Platanes",
    "rue Émile-Zola",
    "cours Lafayette",
    "route de Genève",
    "rue du Faubourg",
    "rue Molière",
    "rue Mercière",
    "avenue de la Libération",
    "rue de l'Hôtel-de-Ville",
];

const CITIES: &[(&str, &str)] = &[
    ("69001", "Lyon"),
    ("69003", "Lyon"),
    ("69007", "Lyon"),
    ("69100", "Villeurbanne"),
    ("69200", "Vénissieux"),
    ("42000", "Saint-Étienne"),
    ("38000", "Grenoble"),
    ("73000", "Chambéry"),
    ("74000", "Annecy"),
    ("01000", "Bourg-en-Bresse"),
    ("26000", "Valence"),
    ("63000", "Clermont-Ferrand"),
    ("71000", "Mâcon"),
    ("21000", "Dijon"),
    ("75011", "Paris"),
    ("75003", "Paris"),
    ("92100", "Boulogne-Billancourt"),
    ("93100", "Montreuil"),
    ("13006", "Marseille"),
    ("06000", "Nice"),
    ("31000", "Toulouse"),
    ("33000", "Bordeaux"),
    ("44000", "Nantes"),
    ("35000", "Rennes"),
    ("59000", "Lille"),
    ("67000", "Strasbourg"),
    ("34000", "Montpellier"),
    ("29200", "Brest"),
    ("76600", "Le Havre"),
    ("87000", "Limoges"),
];

const ACTIVITIES: &[&str] = &[
    "4759A", "7410Z", "4321A", "5610A", "7111Z", "4778C", "5510Z", "9102Z", "7311Z", "6831Z",
    "4332A", "8559B",
];

/// A first and a last name.
pub(super) fn person(chance: &mut Chance) -> (String, String) {
    ((*chance.pick(FIRST_NAMES)).to_owned(), (*chance.pick(LAST_NAMES)).to_owned())
}

/// The name of a company without its legal form, e.g. `Librairie des Lumières`.
pub(super) fn company(chance: &mut Chance) -> String {
    if chance.per_mille(700) {
        format!("{} {}", chance.pick(TRADES), chance.pick(PLACES))
    } else {
        format!("{} {}", chance.pick(TRADES), chance.pick(LAST_NAMES))
    }
}

/// The name of a company of one of these trades.
pub(super) fn company_in(chance: &mut Chance, trades: &[&'static str]) -> String {
    let trade = chance.pick(trades);
    let name = if chance.per_mille(500) { chance.pick(PLACES) } else { chance.pick(LAST_NAMES) };
    format!("{trade} {name}")
}

/// A French legal form.
pub(super) fn legal_form(chance: &mut Chance) -> &'static str {
    chance.pick::<&'static str>(FORMS)
}

/// A NAF code.
pub(super) fn activity(chance: &mut Chance) -> &'static str {
    chance.pick::<&'static str>(ACTIVITIES)
}

/// A French address.
pub(super) fn address(chance: &mut Chance) -> Address {
    let (postal_code, city) = *chance.pick(CITIES);
    Address {
        street: format!("{} {}", chance.between(1, 180), chance.pick(STREETS)),
        postal_code: postal_code.to_owned(),
        city: city.to_owned(),
        country_alpha2: "FR".to_owned(),
    }
}

/// A company abroad: its name, its address, its VAT number (none outside the EU).
pub(super) fn foreigner(chance: &mut Chance, in_eu: bool) -> (String, Address, String) {
    const EU: &[(&str, &str, &str, &str, &str, usize)] = &[
        ("DE", "Leuchtenwerk", "GmbH", "Kaiserstraße", "76133 Karlsruhe", 9),
        ("DE", "Lichthaus", "GmbH", "Lindenallee", "50667 Köln", 9),
        ("IT", "Luce Milano", "S.r.l.", "via Torino", "20123 Milano", 11),
        ("IT", "Vetreria Murano", "S.p.A.", "calle dei Vetrai", "30141 Venezia", 11),
        ("NL", "Lampenhuis", "B.V.", "Prinsengracht", "1015 Amsterdam", 9),
        ("AT", "Glaswerk Tirol", "GmbH", "Maria-Theresien-Straße", "6020 Innsbruck", 8),
    ];
    const OTHERS: &[(&str, &str, &str, &str, &str, usize)] = &[
        ("CH", "Atelier du Léman", "Sàrl", "rue du Rhône", "1204 Genève", 0),
        ("CH", "Lichtraum", "AG", "Bahnhofstrasse", "8001 Zürich", 0),
        ("GB", "Brighton Lights", "Ltd", "Queen's Road", "BN1 3XA Brighton", 0),
        ("CA", "Lumière du Québec", "inc.", "rue Saint-Paul", "G1K3V9 Québec", 0),
    ];
    let (country, name, form, street, place, digits) =
        *chance.pick(if in_eu { EU } else { OTHERS });
    let (postal_code, city) = place.rsplit_once(' ').expect("a place is a code and a city");
    let address = Address {
        street: format!("{street} {}", chance.between(1, 90)),
        postal_code: postal_code.to_owned(),
        city: city.to_owned(),
        country_alpha2: country.to_owned(),
    };
    let vat_number = match country {
        _ if !in_eu => String::new(),
        "AT" => format!("ATU{}", chance.digits(digits)),
        "NL" => format!("NL{}B01", chance.digits(digits)),
        _ => format!("{country}{}", chance.digits(digits)),
    };
    (format!("{name} {} {form}", chance.between(2, 99)), address, vat_number)
}

/// A French phone number, mobile (`+336…`) or not.
pub(super) fn phone(chance: &mut Chance, mobile: bool) -> String {
    let prefix =
        if mobile { *chance.pick(&['6', '7']) } else { *chance.pick(&['1', '2', '3', '4', '5']) };
    format!("+33{prefix}{}", chance.digits(8))
}

/// Letters and digits without accents, in lower case, other signs as `separator`.
pub(super) fn plain(text: &str, separator: Option<char>) -> String {
    let mut plain = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter.to_lowercase().next().unwrap_or(letter) {
            'à' | 'â' | 'ä' => plain.push('a'),
            'ç' => plain.push('c'),
            'é' | 'è' | 'ê' | 'ë' => plain.push('e'),
            'î' | 'ï' => plain.push('i'),
            'ô' | 'ö' => plain.push('o'),
            'ù' | 'û' | 'ü' => plain.push('u'),
            'ß' => plain.push_str("ss"),
            lower if lower.is_ascii_alphanumeric() => plain.push(lower),
            _ => {
                if let Some(separator) = separator
                    && !plain.ends_with(separator)
                {
                    plain.push(separator);
                }
            }
        }
    }
    plain.trim_matches(separator.unwrap_or(' ')).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_and_signs_go() {
        assert_eq!(plain("Hôtel de l'Écluse", Some('-')), "hotel-de-l-ecluse");
        assert_eq!(plain("Maçon & Noël SÀRL", None), "maconnoelsarl");
    }
}
