//! The chart of accounts: PCG 2025, as a services and trade company uses it.

use super::model::{AccountKind, VatCode};

/// One row of the chart.
pub(super) struct Row {
    pub(super) number: &'static str,
    pub(super) label: &'static str,
    pub(super) vat_code: VatCode,
    pub(super) kind: AccountKind,
}

const fn row(number: &'static str, label: &'static str) -> Row {
    Row { number, label, vat_code: VatCode::Any, kind: AccountKind::Custom }
}

const fn reserved(number: &'static str, label: &'static str) -> Row {
    Row { number, label, vat_code: VatCode::Any, kind: AccountKind::Reserved }
}

const fn taxed(number: &'static str, label: &'static str, vat_code: VatCode) -> Row {
    Row { number, label, vat_code, kind: AccountKind::Custom }
}

const fn tax(number: &'static str, label: &'static str, vat_code: VatCode) -> Row {
    Row { number, label, vat_code, kind: AccountKind::Reserved }
}

use VatCode::{Crossborder, Extracom, Fr21, Fr55, Fr100, Fr200};

/// All accounts but the auxiliaries. A number with several VAT codes is several rows.
pub(super) const CHART: &[Row] = &[
    row("1013", "Capital souscrit, appelé, versé"),
    row("1061", "Réserve légale"),
    row("110", "Report à nouveau (solde créditeur)"),
    row("119", "Report à nouveau (solde débiteur)"),
    row("120", "Résultat de l'exercice (bénéfice)"),
    row("129", "Résultat de l'exercice (perte)"),
    row("164", "Emprunts auprès des établissements de crédit"),
    row("205", "Logiciels et licences"),
    row("2154", "Matériel industriel"),
    row("2182", "Matériel de transport"),
    row("2183", "Matériel de bureau et informatique"),
    row("2184", "Mobilier"),
    row("275", "Dépôts et cautionnements versés"),
    row("2805", "Amortissements des logiciels et licences"),
    row("28154", "Amortissements du matériel industriel"),
    row("28182", "Amortissements du matériel de transport"),
    row("28183", "Amortissements du matériel de bureau et informatique"),
    row("28184", "Amortissements du mobilier"),
    row("37", "Stocks de marchandises"),
    row("4081", "Fournisseurs - factures non parvenues"),
    row("421", "Personnel - rémunérations dues"),
    row("431", "Sécurité sociale"),
    row("437", "Autres organismes sociaux"),
    row("4421", "Prélèvement à la source (impôt sur le revenu)"),
    row("4423", "Retenues et prélèvements sur les distributions"),
    row("444", "État - impôt sur les bénéfices"),
    reserved("4452", "TVA due intracommunautaire"),
    reserved("44551", "TVA à décaisser"),
    reserved("44562", "TVA déductible sur immobilisations"),
    tax("44566", "TVA déductible sur autres biens et services 20 %", Fr200),
    tax("44566", "TVA déductible sur autres biens et services 10 %", Fr100),
    tax("44566", "TVA déductible sur autres biens et services 5,5 %", Fr55),
    tax("44566", "TVA déductible sur autres biens et services 2,1 %", Fr21),
    reserved("445662", "TVA déductible intracommunautaire"),
    reserved("44567", "Crédit de TVA à reporter"),
    tax("44571", "TVA collectée 20 %", Fr200),
    tax("44571", "TVA collectée 10 %", Fr100),
    tax("44571", "TVA collectée 5,5 %", Fr55),
    reserved("44586", "TVA sur factures non parvenues"),
    row("447", "Autres impôts, taxes et versements assimilés"),
    row("4551", "Associés - comptes courants (principal)"),
    row("457", "Associés - dividendes à payer"),
    reserved("4716001", "Opérations bancaires à identifier - décaissements"),
    reserved("4717001", "Opérations bancaires à identifier - encaissements"),
    row("486", "Charges constatées d'avance"),
    reserved("512001", "Banque - compte courant"),
    reserved("512002", "Banque - compte sur livret"),
    reserved("58", "Virements internes"),
    row("6037", "Variation des stocks de marchandises"),
    row("6061", "Énergie, eau"),
    row("6063", "Petit équipement"),
    row("6064", "Fournitures administratives"),
    taxed("607", "Achats de marchandises", Fr200),
    taxed("607", "Achats de marchandises intracommunautaires", Crossborder),
    row("611", "Sous-traitance générale"),
    row("6132", "Locations immobilières"),
    row("6135", "Locations mobilières"),
    row("614", "Charges locatives et de copropriété"),
    row("615", "Entretien et réparations"),
    row("616", "Primes d'assurance"),
    row("6181", "Documentation générale"),
    row("6226", "Honoraires"),
    row("6227", "Frais d'actes et de contentieux"),
    row("623", "Publicité, publications, relations publiques"),
    row("6241", "Transports sur ventes"),
    row("6251", "Voyages et déplacements"),
    row("6257", "Réceptions"),
    row("626", "Frais postaux et de télécommunications"),
    row("627", "Services bancaires"),
    row("6333", "Formation professionnelle et apprentissage"),
    row("63511", "Cotisation foncière des entreprises"),
    row("641", "Rémunérations du personnel"),
    row("645", "Charges de sécurité sociale et de prévoyance"),
    row("651", "Redevances pour logiciels et licences"),
    row("658", "Charges diverses de gestion courante"),
    row("661", "Charges d'intérêts"),
    row("6811", "Dotations aux amortissements sur immobilisations"),
    row("695", "Impôts sur les bénéfices"),
    taxed("706", "Prestations de services 20 %", Fr200),
    taxed("706", "Prestations de services 10 %", Fr100),
    taxed("707", "Ventes de marchandises 20 %", Fr200),
    taxed("707", "Ventes de marchandises 5,5 %", Fr55),
    taxed("707", "Ventes de marchandises intracommunautaires", Crossborder),
    taxed("707", "Ventes de marchandises à l'exportation", Extracom),
    taxed("7085", "Ports facturés 20 %", Fr200),
    taxed("7085", "Ports facturés intracommunautaires", Crossborder),
    taxed("7085", "Ports facturés à l'exportation", Extracom),
    row("758", "Produits divers de gestion courante"),
    row("768", "Autres produits financiers"),
];

/// Whether the lines of this account settle each other: third parties, payroll, taxes, transfers.
pub(super) fn is_letterable(number: &str) -> bool {
    number.starts_with('4') && !number.starts_with("48") || number == "58"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chart_is_sorted_and_free_of_what_2025_abolished() {
        assert!(CHART.windows(2).all(|pair| pair[0].number <= pair[1].number));
        assert!(CHART.iter().all(|row| {
            !["79", "675", "775", "777"].iter().any(|gone| row.number.starts_with(gone))
        }));
    }
}
