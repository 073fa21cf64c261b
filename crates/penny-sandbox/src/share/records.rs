//! Rows of everything but the ledger.

use jiff::Timestamp;

use super::row::Rows;
use super::source::Source;
use super::table::{Filler, each};
use crate::company::model::{
    CustomerInvoice, CustomerKind, DeclarationStatus, LedgerAccount, Supplier, SupplierInvoice,
    Transaction, VatReturnStatus,
};

pub(super) fn companies<'a>(source: &'a Source<'a>) -> Filler<'a> {
    each([&source.company.identity], |company, rows| {
        rows.int(company.id).text(&company.name).int(company.firm_id).text(&company.firm_name);
        rows.text(&company.trade_name).text(&company.siren).text(&company.vat_number);
        rows.text(&company.address.country_alpha2)
            .text(&company.address.city)
            .text(&company.address.postal_code);
        rows.text("v1_pro").bool(false).text("monthly");
        source.end(rows, None);
    })
}

pub(super) fn company_users<'a>(source: &'a Source<'a>) -> Filler<'a> {
    each(&source.company.users, |user, rows| {
        rows.int(user.id);
        company(source, rows);
        rows.text(&user.email)
            .text(&user.first_name)
            .text(&user.last_name)
            .date(user.last_activity)
            .text(user.role);
        rows.int(source.company.identity.firm_id).text(&source.company.identity.firm_name);
        source.end(rows, None);
    })
}

pub(super) fn fiscal_years<'a>(source: &'a Source<'a>) -> Filler<'a> {
    each(&source.company.fiscal_years, |year, rows| {
        rows.int(year.id);
        company(source, rows);
        rows.null().int(year.start.year()).date(year.start).date(year.end);
        let (first, last) = (year.start.year(), year.end.year());
        rows.text(&if first == last { first.to_string() } else { format!("{first}-{last}") });
        rows.timestamp_or_null(year.closed_at).timestamp(year.updated_at);
        source.end(rows, None);
    })
}

pub(super) fn customers<'a>(source: &'a Source<'a>) -> Filler<'a> {
    each(&source.company.customers, |customer, rows| {
        let (reg_no, vat_number) = match &customer.kind {
            CustomerKind::Company { reg_no, vat_number } => (reg_no.as_str(), vat_number.as_str()),
            CustomerKind::Individual { .. } => ("", ""),
        };
        rows.int(customer.id).text(&customer.name);
        company(source, rows);
        rows.text(customer.vat_code.as_str()).text(&account(source, customer.account_id).number);
        let address = &customer.billing_address;
        rows.text(customer.income_account)
            .text(&address.postal_code)
            .text(&address.country_alpha2)
            .text(&address.city);
        rows.filled(reg_no).filled(vat_number).text_or_null(customer.activity_code.as_deref());
        rows.text_or_null(customer.legal_name.as_deref()).text(&address.country_alpha2);
        rows.null().null().timestamp(customer.updated_at);
        source.end(rows, None);
    })
}

pub(super) fn suppliers<'a>(source: &'a Source<'a>) -> Filler<'a> {
    let live = source.company.suppliers.iter().map(|supplier| (supplier, None));
    let gone = source
        .recent(&source.company.removed.suppliers)
        .map(|gone| (&gone.record, Some(gone.deleted_at)));
    each(live.chain(gone), |(supplier, deleted_at): (&Supplier, Option<Timestamp>), rows| {
        rows.int(supplier.id).text(&supplier.name);
        company(source, rows);
        rows.text(supplier.vat_code.as_str());
        // The account of a supplier entered by mistake went with it.
        rows.text_or_null(
            source.company.account(supplier.account_id).map(|account| account.number.as_str()),
        );
        let address = &supplier.address;
        rows.text(supplier.expense_account)
            .text(&address.postal_code)
            .text(&address.country_alpha2);
        rows.text(&address.city)
            .text_or_null(supplier.reg_no.as_deref())
            .filled(&supplier.vat_number);
        rows.text_or_null(supplier.activity_code.as_deref())
            .text_or_null(supplier.legal_name.as_deref());
        rows.text(&address.country_alpha2).timestamp_or_null(supplier.iban_updated_at);
        rows.text_or_null(supplier.iban_updated_by.as_deref()).timestamp(supplier.updated_at);
        source.end(rows, deleted_at);
    })
}

/// Drafts are not invoices yet: they are absent.
pub(super) fn customer_invoices<'a>(source: &'a Source<'a>) -> Filler<'a> {
    let issued = source.company.customer_invoices.iter().filter(|invoice| !invoice.draft);
    each(issued, |invoice: &CustomerInvoice, rows| {
        rows.int(invoice.id).date(invoice.date).date(invoice.date).date(invoice.deadline);
        rows.int(source.company.identity.id)
            .int(invoice.customer_id)
            .text(&source.customer(invoice.customer_id).name);
        rows.cents(invoice.amount)
            .cents(invoice.amount_before_tax)
            .text("EUR")
            .text(&invoice.label);
        rows.text(&invoice.number).text("invoicing").bool(invoice.paid).cents(invoice.remaining);
        rows.timestamp(invoice.created_at).timestamp(invoice.updated_at);
        source.end(rows, None);
    })
}

pub(super) fn supplier_invoices<'a>(source: &'a Source<'a>) -> Filler<'a> {
    let live = source.company.supplier_invoices.iter().map(|invoice| (invoice, None));
    let removed = &source.company.removed.supplier_invoices;
    let gone = source.recent(removed).map(|gone| (&gone.record, Some(gone.deleted_at)));
    each(live.chain(gone), |(invoice, deleted_at): (&SupplierInvoice, Option<Timestamp>), rows| {
        let created = jiff::tz::TimeZone::UTC.to_datetime(invoice.created_at).date();
        rows.int(invoice.id).date(created).date(invoice.date).date(invoice.deadline);
        rows.int(source.company.identity.id)
            .int(invoice.supplier_id)
            .text(&source.supplier(invoice.supplier_id).name);
        rows.cents(invoice.amount)
            .cents(invoice.amount_before_tax)
            .text("EUR")
            .text(&invoice.label);
        rows.text(&invoice.number).text("email").bool(invoice.paid);
        rows.timestamp(invoice.created_at).timestamp(invoice.updated_at);
        source.end(rows, deleted_at);
    })
}

pub(super) fn bank_accounts<'a>(source: &'a Source<'a>) -> Filler<'a> {
    each(
        source.company.bank_accounts.iter().zip(&source.company.bank_establishments),
        |(bank, house), rows| {
            rows.int(bank.id);
            company(source, rows);
            rows.int(house.id).text(&house.name).text(&bank.name).text("Bridge");
            let account = account(source, bank.account_id);
            rows.int(account.id)
                .text(&account.number)
                .text(&account.label)
                .text("EUR")
                .bool(true)
                .bool(true);
            rows.cents(bank.balance).bool(true).timestamp(bank.last_sync_at);
            rows.timestamp(bank.created_at).timestamp(bank.updated_at);
            source.end(rows, None);
        },
    )
}

pub(super) fn bank_transactions<'a>(source: &'a Source<'a>) -> Filler<'a> {
    let live = source.company.transactions.iter().map(|transaction| (transaction, None));
    let removed = &source.company.removed.transactions;
    let gone = source.recent(removed).map(|gone| (&gone.record, Some(gone.deleted_at)));
    each(live.chain(gone), |(transaction, deleted_at): (&Transaction, Option<Timestamp>), rows| {
        let banks = &source.company.bank_accounts;
        let bank = banks.iter().find(|bank| bank.id == transaction.bank_account_id);
        let (id, name) = match (transaction.customer_id, transaction.supplier_id) {
            (Some(id), _) => (Some(id), Some(source.customer(id).name.as_str())),
            (None, Some(id)) => (Some(id), Some(source.supplier(id).name.as_str())),
            (None, None) => (None, None),
        };
        rows.int(transaction.id).date(transaction.date).int(source.company.identity.id);
        rows.text_or_null(bank.map(|bank| bank.name.as_str())).text_or_null(name).int_or_null(id);
        rows.text(&transaction.label)
            .cents(transaction.amount)
            .cents(transaction.outstanding)
            .text("EUR");
        rows.cents(transaction.amount)
            .text("Bridge")
            .bool(transaction.potential_duplicate)
            .null()
            .null();
        let known = transaction.outstanding == 0;
        rows.text(if known { "complete" } else { "entry" });
        rows.text(if !transaction.attachment_required {
            "not_required"
        } else if known {
            "found"
        } else {
            "missing"
        });
        rows.timestamp(transaction.updated_at);
        source.end(rows, deleted_at);
    })
}

pub(super) fn tax_declarations<'a>(source: &'a Source<'a>) -> Filler<'a> {
    each(&source.company.tax_declarations, |declaration, rows| {
        rows.int(declaration.id);
        company(source, rows);
        rows.text(declaration.kind.as_str())
            .text(declaration.form)
            .int_or_null(declaration.declaration_id);
        rows.date(declaration.period_start)
            .date(declaration.period_end)
            .text(declaration.status.as_str());
        for answer in [declaration.declaration_validated, declaration.payment_validated] {
            match answer {
                Some(answer) => rows.bool(answer),
                None => rows.null(),
            };
        }
        match declaration.payment_amount {
            Some(amount) => rows.cents(amount),
            None => rows.null(),
        };
        let reason = (declaration.status == DeclarationStatus::Rejected)
            .then_some(declaration.reason_for_rejection);
        rows.text_or_null(reason.flatten());
        rows.timestamp(declaration.updated_at).timestamp(declaration.created_at);
        source.end(rows, None);
    })
}

pub(super) fn vat_declarations<'a>(source: &'a Source<'a>) -> Filler<'a> {
    each(&source.company.vat_returns, |vat_return, rows| {
        let done = vat_return.status != VatReturnStatus::NotDone;
        company(source, rows);
        if done {
            rows.date(vat_return.period_start);
        } else {
            rows.null();
        }
        rows.date(vat_return.period_end)
            .text("monthly")
            .bool(true)
            .text(vat_return.status.as_str());
        rows.int_or_null(vat_return.declaration_id).text_or_null(done.then_some("3310CA3"));
        match vat_return.amount() {
            Some(amount) => rows.cents(amount),
            None => rows.null(),
        };
        source.end(rows, None);
    })
}

/// The two columns that nearly every table has.
pub(super) fn company(source: &Source<'_>, rows: &mut Rows) {
    rows.int(source.company.identity.id).text(&source.company.identity.name);
}

/// An account of the chart.
pub(super) fn account<'a>(source: &Source<'a>, id: u64) -> &'a LedgerAccount {
    source.company.account(id).expect("a record's account is in the chart")
}
