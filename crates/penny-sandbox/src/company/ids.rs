//! Numbers of records. Each kind has its own range; ids grow with gaps, as those of a shared server do.

/// The range of one kind of record.
#[derive(Debug, Clone, Copy)]
pub(super) struct Range {
    first: u64,
    step: u64,
}

impl Range {
    const fn new(first: u64, step: u64) -> Range {
        Range { first, step }
    }

    /// The id of the record at this place of its list.
    pub(super) const fn id(self, index: usize) -> u64 {
        self.first + self.step * index as u64
    }

    /// The place of the record with this id.
    pub(super) const fn index(self, id: u64) -> usize {
        ((id - self.first) / self.step) as usize
    }
}

pub(super) const COMPANY: u64 = 21_874_193;
pub(super) const FIRM: u64 = 40_127;
pub(super) const USERS: Range = Range::new(1_000_001, 17);
pub(super) const FISCAL_YEARS: Range = Range::new(5_310_027, 211);
pub(super) const JOURNALS: Range = Range::new(7_204_511, 1);
pub(super) const ACCOUNTS: Range = Range::new(611_000_213, 3);
pub(super) const ENTRIES: Range = Range::new(8_140_000_017, 7);
pub(super) const LINES: Range = Range::new(35_027_000_101, 3);
pub(super) const LETTERINGS: Range = Range::new(350_312_715, 5);
pub(super) const CATEGORY_GROUPS: Range = Range::new(129_406, 11);
pub(super) const CATEGORIES: Range = Range::new(2_750_318, 7);
pub(super) const CUSTOMERS: Range = Range::new(214_300_157, 13);
pub(super) const CONTACTS: Range = Range::new(9_100_211, 3);
pub(super) const SUPPLIERS: Range = Range::new(118_450_069, 13);
pub(super) const PRODUCTS: Range = Range::new(3_520_017, 9);
pub(super) const CUSTOMER_INVOICES: Range = Range::new(1_204_500_031, 11);
pub(super) const CUSTOMER_INVOICE_LINES: Range = Range::new(2_908_000_003, 3);
pub(super) const SUPPLIER_INVOICES: Range = Range::new(1_611_700_049, 11);
pub(super) const SUPPLIER_INVOICE_LINES: Range = Range::new(3_305_000_007, 3);
pub(super) const BANK_ESTABLISHMENTS: Range = Range::new(412, 9);
pub(super) const BANK_ACCOUNTS: Range = Range::new(1_940_206, 5);
pub(super) const TRANSACTIONS: Range = Range::new(2_410_000_061, 7);
pub(super) const DECLARATIONS: Range = Range::new(880_412, 7);
