//! The scripts that a notebook shows by themselves: libraries, which the frames of later outputs need.

use crate::error::Result;
use crate::looking::{OutputFile, Outputs};

/// So many outputs are looked at: libraries come first.
const OUTPUTS_MAX: usize = 1_000;
/// What an output is shows in so many bytes of it.
const BEGINNING_BYTES: usize = 4_000;
/// No more of them come into a frame, in bytes.
const BYTES_MAX: usize = 20_000_000;

/// Where they are.
#[derive(Default)]
pub struct Scripts {
    places: Vec<Place>,
}

struct Place {
    cell: usize,
    output: usize,
    bytes: usize,
    brings_plotly: bool,
}

impl Scripts {
    /// Finds those of a notebook.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn of(file: &OutputFile, reading: &mut Outputs<'_>) -> Result<Scripts> {
        let cells = 0..file.cells().len();
        let places = cells.flat_map(|cell| {
            let outputs = file.outputs(cell).iter().enumerate();
            outputs.filter(|(_, place)| place.has_html()).map(move |(at, place)| (cell, at, place))
        });
        let mut scripts = Scripts::default();
        for (cell, output, place) in places.take(OUTPUTS_MAX) {
            let begun = reading.beginning(cell, output, BEGINNING_BYTES)?;
            if let Some(html) = begun.as_ref().and_then(penny_html::scripts_alone) {
                let brings_plotly = penny_html::brings_plotly(&html);
                scripts.places.push(Place { cell, output, bytes: place.bytes, brings_plotly });
            }
        }
        Ok(scripts)
    }

    /// Whether Plotly's library is in one before that output.
    pub fn bring_plotly_before(&self, cell: usize, output: usize) -> bool {
        self.before(cell, output).any(|place| place.brings_plotly)
    }

    /// Those before an output, in their order.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn read_before(
        &self,
        cell: usize,
        output: usize,
        reading: &mut Outputs<'_>,
    ) -> Result<Vec<String>> {
        let (mut texts, mut bytes) = (Vec::new(), 0);
        for place in self.before(cell, output) {
            bytes += place.bytes;
            if bytes > BYTES_MAX {
                break;
            }
            let read = reading.output(place.cell, place.output)?;
            texts.extend(read.as_ref().and_then(penny_html::scripts_alone));
        }
        Ok(texts)
    }

    fn before(&self, cell: usize, output: usize) -> impl Iterator<Item = &Place> {
        self.places.iter().filter(move |place| (place.cell, place.output) < (cell, output))
    }
}
