//! How much of a cell is shown.

/// How much of one cell's source or output is shown. What is beyond is counted in
/// [`Truncated`](crate::Truncated).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of text (streams, tracebacks, `text/plain`), of code and of JSON: the beginning and
    /// the end are shown.
    pub text_bytes: usize,
    /// Bytes of HTML and markdown, as they come in: the beginning is shown, of a table whole rows.
    pub html_bytes: usize,
    /// Bytes of one picture, as base64 or SVG: a larger one is not shown.
    pub image_bytes: usize,
    /// Bytes of a whole document for a frame, the library it needs included: a larger one is none.
    pub frame_bytes: usize,
}

impl Default for Limits {
    /// 100 kB of text, 256 kB of HTML, 8 MB a picture, 32 MB a frame.
    fn default() -> Self {
        Self {
            text_bytes: 100_000,
            html_bytes: 256_000,
            image_bytes: 8_000_000,
            frame_bytes: 32_000_000,
        }
    }
}
