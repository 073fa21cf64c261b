//! What a notebook holds, as HTML that cannot hurt.
//!
//! Everything a notebook prints is hostile: the HTML of its outputs, its markdown, its text with
//! escape sequences, its pictures. Each function here returns HTML in which only the elements and
//! attributes of a short list can appear: no script, no style, no id, no form, no picture from
//! elsewhere, no class but those of [`CSS`]. Whoever shows it needs no more than to put it in a
//! page whose Content-Security-Policy has `img-src data:`.
//!
//! What takes time is linear in the size of what comes in, and what comes out is bounded by
//! [`Limits`]: what was left out is counted, as data, since the page speaks several languages.
//!
//! Nothing here touches a file, a network, a clock or the environment.

mod code;
mod cut;
mod escape;
mod frame;
mod html;
mod json;
mod latex;
mod limits;
mod links;
mod markdown;
mod maths;
mod output;
mod picture;
mod rendered;
mod scripts;
mod terminal;

pub use code::{code, source};
pub use frame::{FRAME_CSP, FRAME_SANDBOX, Framing, brings_plotly, frame, framing, scripts_alone};
pub use limits::Limits;
pub use markdown::markdown;
pub use output::output;
pub use rendered::{Kind, Rendered, Truncated, Unit};
pub use terminal::terminal;

/// The stylesheet of everything this crate writes, light and dark by `prefers-color-scheme`.
///
/// All rules are below `.nb`, which the outermost element of each [`Rendered`] carries; put it on
/// the element around [`code`] or [`terminal`] oneself. Colours are custom properties
/// (`--nb-…` on `:root`), so that a page can set its own. Each has a contrast of at least 4.5 on
/// `#fff`, `#f6f7f9` (light) and `#14171c`, `#1b1f26` (dark), and on each ANSI background.
pub const CSS: &str = include_str!("notebook.css");
