//! What the company sells and whom it buys from.

use super::model::{Substance, SupplierPaymentMethod, VatCode};

/// Something to sell.
pub(super) struct Article {
    pub(super) label: &'static str,
    pub(super) description: &'static str,
    /// Price without tax, in cents.
    pub(super) price: i64,
    pub(super) vat_code: VatCode,
    pub(super) unit: &'static str,
    pub(super) substance: Substance,
    pub(super) account: &'static str,
    pub(super) buyers: Buyers,
}

/// Who buys an article.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Buyers {
    Everybody,
    Individuals,
    Companies,
}

const fn goods(label: &'static str, description: &'static str, price: i64) -> Article {
    Article {
        label,
        description,
        price,
        vat_code: VatCode::Fr200,
        unit: "pièce",
        substance: Substance::Goods,
        account: "707",
        buyers: Buyers::Everybody,
    }
}

const fn service(
    label: &'static str,
    description: &'static str,
    price: i64,
    unit: &'static str,
) -> Article {
    Article {
        label,
        description,
        price,
        vat_code: VatCode::Fr200,
        unit,
        substance: Substance::Services,
        account: "706",
        buyers: Buyers::Companies,
    }
}

/// The articles of the first day.
pub(super) const ARTICLES: &[Article] = &[
    goods("Lampe à poser Aurore", "Laiton brossé, abat-jour en lin", 14_900),
    goods("Suspension Écume", "Verre soufflé, Ø 30 cm", 28_900),
    goods("Applique Fanal", "Acier laqué, variateur intégré", 11_500),
    goods("Lampadaire Héron", "Frêne massif, hauteur 165 cm", 34_900),
    goods("Liseuse Plume", "Bras articulé, LED 2 700 K", 8_900),
    goods("Guirlande guinguette 10 m", "Vingt ampoules, usage extérieur", 5_990),
    goods("Ampoule LED E27 filament", "Lot de quatre, 806 lm", 2_490),
    goods("Veilleuse Galet", "Porcelaine, rechargeable", 3_950),
    goods("Rail spots Chantier", "Trois spots orientables", 18_750),
    goods("Borne extérieure Sentier", "Inox 316, IP65", 15_400),
    Article {
        vat_code: VatCode::Fr55,
        ..goods("Livre « Éclairer la maison »", "192 pages, relié", 2_749)
    },
    Article {
        vat_code: VatCode::Fr55,
        ..goods("Livre « Petite histoire de la lampe »", "128 pages", 1_801)
    },
    Article {
        buyers: Buyers::Companies,
        ..goods("Luminaire de bureau Méridien", "UGR < 19, 4 000 K", 22_300)
    },
    Article { buyers: Buyers::Companies, ..goods("Dalle LED 60×60", "Lot de six", 31_200) },
    service("Étude d'éclairage", "Relevé, calcul et rendu", 68_000, "forfait"),
    service(
        "Mise en lumière d'un espace de vente",
        "Conception et réglage sur site",
        92_000,
        "jour",
    ),
    service("Maintenance annuelle des éclairages", "Deux visites par an", 54_000, "forfait"),
    service("Atelier de conception", "Une demi-journée avec l'équipe", 39_000, "forfait"),
    Article {
        vat_code: VatCode::Fr100,
        buyers: Buyers::Individuals,
        ..service(
            "Pose et rénovation d'éclairage (logement > 2 ans)",
            "Main-d'œuvre et petites fournitures",
            6_200,
            "heure",
        )
    },
];

/// The port charged on goods, without tax.
pub(super) const SHIPPING: Article =
    Article { account: "7085", ..service("Frais de port", "", 1_250, "forfait") };

/// How often a supplier's invoice comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cadence {
    /// On this day of each month, so many thousandths of the month's planned sales.
    Monthly { day: i8, per_mille: i64 },
    /// Once a year, so many thousandths of the month's planned sales.
    Yearly { month: i8, day: i8, per_mille: i64 },
    /// Now and then: its weight among the others, and the amount without tax in euros.
    Occasional { weight: u64, low: i64, high: i64 },
}

/// A kind of purchase.
pub(super) struct Profile {
    /// The supplier's name, without legal form; for occasional ones the first of them.
    pub(super) name: &'static str,
    /// What the invoice is for.
    pub(super) subject: &'static str,
    pub(super) account: &'static str,
    pub(super) vat_code: VatCode,
    pub(super) cadence: Cadence,
    pub(super) payment: SupplierPaymentMethod,
    pub(super) delay_days: u16,
    /// How many suppliers of this kind there are at first.
    pub(super) suppliers: usize,
}

use Cadence::{Monthly, Occasional, Yearly};
use SupplierPaymentMethod::{AutomaticDebiting, AutomaticTransfer, Card, ManualTransfer};
use VatCode::{Crossborder, Exempt, Fr21, Fr55, Fr100, Fr200};

#[expect(
    clippy::too_many_arguments,
    reason = "one row of the table below, in the order of its columns"
)]
const fn profile(
    name: &'static str,
    subject: &'static str,
    account: &'static str,
    vat_code: VatCode,
    cadence: Cadence,
    payment: SupplierPaymentMethod,
    delay_days: u16,
    suppliers: usize,
) -> Profile {
    Profile { name, subject, account, vat_code, cadence, payment, delay_days, suppliers }
}

const fn monthly(day: i8, per_mille: i64) -> Cadence {
    Monthly { day, per_mille }
}

const fn yearly(month: i8, day: i8, per_mille: i64) -> Cadence {
    Yearly { month, day, per_mille }
}

const fn occasional(weight: u64, low: i64, high: i64) -> Cadence {
    Occasional { weight, low, high }
}

/// All kinds of purchases.
pub(super) const PROFILES: &[Profile] = &[
    profile(
        "Foncière des Brotteaux",
        "Loyer atelier et bureaux",
        "6132",
        Fr200,
        monthly(2, 38),
        AutomaticTransfer,
        8,
        1,
    ),
    profile(
        "Foncière des Brotteaux",
        "Provision pour charges",
        "614",
        Fr200,
        monthly(2, 5),
        AutomaticTransfer,
        8,
        1,
    ),
    profile("Rhônergie", "Électricité", "6061", Fr200, monthly(9, 8), AutomaticDebiting, 15, 1),
    profile(
        "Fibre & Cie",
        "Téléphone et internet",
        "626",
        Fr200,
        monthly(4, 3),
        AutomaticDebiting,
        10,
        1,
    ),
    profile("Nuage Bleu", "Abonnement logiciels", "651", Fr200, monthly(6, 7), Card, 0, 1),
    profile(
        "Net'Éclat",
        "Nettoyage des locaux",
        "615",
        Fr200,
        monthly(27, 4),
        AutomaticTransfer,
        30,
        1,
    ),
    profile(
        "Cabinet Verdier & Associés",
        "Honoraires comptables",
        "6226",
        Fr200,
        monthly(20, 9),
        AutomaticTransfer,
        30,
        1,
    ),
    profile(
        "Mobilauto Pro",
        "Location utilitaire",
        "6135",
        Fr200,
        monthly(5, 6),
        AutomaticDebiting,
        10,
        1,
    ),
    profile(
        "Assurances du Confluent",
        "Prime multirisque annuelle",
        "616",
        Exempt,
        yearly(3, 3, 90),
        AutomaticTransfer,
        15,
        1,
    ),
    profile(
        "Assurances du Confluent",
        "Responsabilité civile professionnelle",
        "616",
        Exempt,
        yearly(9, 8, 40),
        AutomaticTransfer,
        15,
        1,
    ),
    profile(
        "Verrerie Chabert",
        "Luminaires et pièces",
        "607",
        Fr200,
        occasional(340, 180, 950),
        AutomaticTransfer,
        30,
        9,
    ),
    profile(
        "Leuchtenwerk 7 GmbH",
        "Luminaires (acquisition intracommunautaire)",
        "607",
        Crossborder,
        occasional(80, 250, 950),
        ManualTransfer,
        45,
        3,
    ),
    profile(
        "Électricité Marty",
        "Sous-traitance de pose",
        "611",
        Fr200,
        occasional(100, 150, 620),
        AutomaticTransfer,
        30,
        4,
    ),
    profile(
        "Transports Perrot",
        "Livraisons clients",
        "6241",
        Fr200,
        occasional(120, 15, 85),
        AutomaticTransfer,
        30,
        3,
    ),
    profile(
        "Papeterie Mercière",
        "Fournitures de bureau",
        "6064",
        Fr200,
        occasional(80, 18, 130),
        Card,
        0,
        2,
    ),
    profile(
        "Quincaillerie Delmas",
        "Petit outillage",
        "6063",
        Fr200,
        occasional(60, 40, 400),
        AutomaticTransfer,
        30,
        3,
    ),
    profile(
        "Brasserie du Parc",
        "Repas clients",
        "6257",
        Fr100,
        occasional(80, 22, 120),
        Card,
        0,
        4,
    ),
    profile(
        "Voyages Lafayette",
        "Billets de train",
        "6251",
        Exempt,
        occasional(50, 38, 190),
        Card,
        0,
        1,
    ),
    profile(
        "Imprimerie des Quais",
        "Catalogues et affiches",
        "623",
        Fr200,
        occasional(40, 90, 520),
        AutomaticTransfer,
        30,
        2,
    ),
    profile(
        "Étude Prévost",
        "Frais d'actes",
        "6227",
        Fr200,
        occasional(8, 60, 210),
        ManualTransfer,
        15,
        1,
    ),
    profile(
        "Librairie Émile",
        "Ouvrages professionnels",
        "6181",
        Fr55,
        occasional(14, 18, 70),
        Card,
        0,
        1,
    ),
    profile(
        "Presse & Métiers",
        "Abonnement presse",
        "6181",
        Fr21,
        occasional(8, 25, 140),
        Card,
        0,
        1,
    ),
    profile(
        "Informatique Montplaisir",
        "Ordinateur portable",
        "2183",
        Fr200,
        occasional(7, 750, 2_100),
        AutomaticTransfer,
        30,
        1,
    ),
    profile(
        "Machines Lacombe",
        "Outillage d'atelier",
        "2154",
        Fr200,
        occasional(3, 900, 4_200),
        AutomaticTransfer,
        45,
        1,
    ),
    profile(
        "Garage Perrache",
        "Fourgonnette",
        "2182",
        Fr200,
        occasional(0, 0, 0),
        AutomaticTransfer,
        30,
        1,
    ),
    profile(
        "Logiciels du Rhône",
        "Licence de gestion",
        "205",
        Fr200,
        occasional(0, 0, 0),
        AutomaticTransfer,
        30,
        1,
    ),
    profile(
        "Mobilier Hamel",
        "Mobilier",
        "2184",
        Fr200,
        occasional(2, 500, 2_400),
        AutomaticTransfer,
        30,
        1,
    ),
];

/// What suppliers of this kind call themselves.
pub(super) fn trades(account: &str) -> &'static [&'static str] {
    match account {
        "607" => &["Verrerie", "Luminaires", "Métallerie", "Tournerie", "Abat-jour", "Comptoir"],
        "611" => &["Électricité", "Installations", "Pose"],
        "6241" => &["Transports", "Messagerie", "Courses"],
        "6064" => &["Papeterie", "Bureautique"],
        "6063" => &["Quincaillerie", "Outillage", "Droguerie"],
        "6257" => &["Brasserie", "Restaurant", "Café", "Traiteur"],
        "623" => &["Imprimerie", "Studio", "Agence"],
        "6181" => &["Librairie", "Éditions"],
        "2182" => &["Garage"],
        "205" | "2183" => &["Informatique", "Logiciels"],
        "2154" => &["Machines", "Outillage"],
        "2184" => &["Mobilier"],
        _ => &["Cabinet", "Services", "Agence"],
    }
}
