//! The general ledgers as spreadsheets: one sheet, a heading, one row per line, by account and day.
//!
//! Pennylane does not document the columns of these files; these are the ones an accountant looks for.

use jiff::civil::Date;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

use super::Layout;
use crate::api::books::Books;
use crate::company::Company;
use crate::company::model::{Cents, LedgerLine, WeightedCategory};

/// The general ledger of a period.
///
/// # Errors
/// More rows than a sheet can have.
pub(super) fn general_ledger(books: &Books, start: Date, end: Date) -> Result<Vec<u8>, XlsxError> {
    let mut sheet = Sheet::new("Grand livre", &LINE_HEADINGS)?;
    for line in by_account(books, start, end) {
        sheet.row(line_cells(&books.company, line))?;
    }
    sheet.finish()
}

/// The general ledger of a period with its analysis.
///
/// # Errors
/// More rows than a sheet can have.
pub(super) fn analytical_general_ledger(
    books: &Books,
    start: Date,
    end: Date,
    layout: Layout,
) -> Result<Vec<u8>, XlsxError> {
    match layout {
        Layout::InLine => in_line(books, start, end),
        Layout::InColumn => in_column(books, start, end),
    }
}

const LINE_HEADINGS: [&str; 9] = [
    "Compte",
    "Libellé du compte",
    "Date",
    "Journal",
    "Pièce",
    "Libellé",
    "Débit",
    "Crédit",
    "Lettrage",
];

fn in_line(books: &Books, start: Date, end: Date) -> Result<Vec<u8>, XlsxError> {
    let company = &books.company;
    let headings: Vec<_> = LINE_HEADINGS
        .into_iter()
        .chain(["Axe analytique", "Catégorie", "Code analytique", "Part"])
        .collect();
    let mut sheet = Sheet::new("Grand livre analytique", &headings)?;
    for line in by_account(books, start, end) {
        if line.categories.is_empty() {
            sheet.row(line_cells(company, line))?;
        }
        for weighted in &line.categories {
            let mut cells = line_cells(company, line);
            cells.extend(category_cells(company, weighted));
            sheet.row(cells)?;
        }
    }
    sheet.finish()
}

fn in_column(books: &Books, start: Date, end: Date) -> Result<Vec<u8>, XlsxError> {
    let company = &books.company;
    let axes = company.category_groups.iter().map(|group| group.label.as_str());
    let headings: Vec<_> = LINE_HEADINGS.into_iter().chain(axes).collect();
    let mut sheet = Sheet::new("Grand livre analytique", &headings)?;
    for line in by_account(books, start, end) {
        let mut cells = line_cells(company, line);
        cells.extend(
            company
                .category_groups
                .iter()
                .map(|group| Cell::Text(parts_of_axis(company, line, group.id))),
        );
        sheet.row(cells)?;
    }
    sheet.finish()
}

/// The period's lines by account number, day and id.
fn by_account(books: &Books, start: Date, end: Date) -> Vec<&LedgerLine> {
    let number = |line: &LedgerLine| {
        books.company.account(line.account_id).map(|account| account.number.as_str())
    };
    let mut lines: Vec<_> = books.lines_between(start, end).collect();
    lines.sort_by_cached_key(|line| (number(line), line.date, line.id));
    lines
}

enum Cell {
    Text(String),
    Number(f64),
    Day(Date),
}

fn line_cells(company: &Company, line: &LedgerLine) -> Vec<Cell> {
    let account = company.account(line.account_id);
    let entry = company.entry(line.entry_id);
    let lettering = line.lettering_id.and_then(|id| company.lettering(id));
    let text = |text: Option<&str>| Cell::Text(text.unwrap_or_default().to_owned());
    vec![
        text(account.map(|account| account.number.as_str())),
        text(account.map(|account| account.label.as_str())),
        Cell::Day(line.date),
        text(company.journal(line.journal_id).map(|journal| journal.code)),
        text(entry.map(|entry| &*entry.piece_number)),
        Cell::Text(line.label.to_string()),
        Cell::Number(euros(line.debit)),
        Cell::Number(euros(line.credit)),
        text(lettering.map(|group| group.code.as_str())),
    ]
}

fn category_cells(company: &Company, weighted: &WeightedCategory) -> [Cell; 4] {
    let category = company.categories.iter().find(|category| category.id == weighted.category_id);
    let group = category.and_then(|category| {
        company.category_groups.iter().find(|group| group.id == category.group_id)
    });
    let text = |text: Option<&str>| Cell::Text(text.unwrap_or_default().to_owned());
    [
        text(group.map(|group| group.label.as_str())),
        text(category.map(|category| category.label.as_str())),
        text(category.and_then(|category| category.analytical_code.as_deref())),
        Cell::Number(f64::from(weighted.percent) / 100.0),
    ]
}

/// The categories of one axis, such as `Web` or `Web 60 % ; Boutique 40 %`.
fn parts_of_axis(company: &Company, line: &LedgerLine, group_id: u64) -> String {
    let label = |weighted: &WeightedCategory| {
        let category =
            company.categories.iter().find(|category| category.id == weighted.category_id)?;
        let part = if weighted.percent == 100 {
            String::new()
        } else {
            format!(" {} %", weighted.percent)
        };
        (category.group_id == group_id).then(|| format!("{}{part}", category.label))
    };
    line.categories.iter().filter_map(label).collect::<Vec<_>>().join(" ; ")
}

/// Spreadsheets hold binary numbers; a cent of any believable amount survives that.
#[expect(clippy::cast_precision_loss, reason = "amounts stay far below 2^53 cents")]
fn euros(cents: Cents) -> f64 {
    cents as f64 / 100.0
}

/// A day as spreadsheets count it; they begin in 1900.
fn excel_day(day: Date) -> Result<ExcelDateTime, XlsxError> {
    ExcelDateTime::from_ymd(
        day.year().unsigned_abs(),
        day.month().unsigned_abs(),
        day.day().unsigned_abs(),
    )
}

/// A workbook with one sheet that is filled from top to bottom.
struct Sheet {
    workbook: Workbook,
    day_format: Format,
    next_row: u32,
}

impl Sheet {
    fn new(name: &str, headings: &[&str]) -> Result<Sheet, XlsxError> {
        let mut workbook = Workbook::new();
        workbook.add_worksheet().set_name(name)?.set_freeze_panes(1, 0)?;
        let mut sheet =
            Sheet { workbook, day_format: Format::new().set_num_format("dd/mm/yyyy"), next_row: 0 };
        sheet.row(headings.iter().map(|heading| Cell::Text((*heading).to_owned())).collect())?;
        Ok(sheet)
    }

    fn row(&mut self, cells: Vec<Cell>) -> Result<(), XlsxError> {
        let row = self.next_row;
        let worksheet: &mut Worksheet = self.workbook.worksheet_from_index(0)?;
        for (column, cell) in (0..).zip(cells) {
            match cell {
                Cell::Text(text) => worksheet.write_string(row, column, text)?,
                Cell::Number(number) => worksheet.write_number(row, column, number)?,
                Cell::Day(day) => worksheet.write_datetime_with_format(
                    row,
                    column,
                    excel_day(day)?,
                    &self.day_format,
                )?,
            };
        }
        self.next_row += 1;
        Ok(())
    }

    fn finish(mut self) -> Result<Vec<u8>, XlsxError> {
        self.workbook.save_to_buffer()
    }
}
