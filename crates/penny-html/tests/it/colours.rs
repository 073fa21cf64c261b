//! The stylesheet's colours can be read.

use std::collections::HashMap;

use penny_html::CSS;

/// WCAG's contrast of a text of ordinary size.
const CONTRAST_MIN: f64 = 4.5;

#[test]
fn every_colour_can_be_read_on_every_ground_in_light_and_dark() {
    let (light, dark) = CSS.split_once("@media (prefers-color-scheme: dark)").expect("both");
    check(&variables(light), ["#ffffff", "#f6f7f9"]);
    check(&variables(dark), ["#14171c", "#1b1f26"]);
}

#[track_caller]
fn check(colours: &HashMap<String, String>, pages: [&str; 2]) {
    for number in 0..16 {
        let text = &colours[&format!("f{number}")];
        let grounds = (0..16).map(|n| colours[&format!("g{n}")].as_str()).chain(pages);
        for ground in grounds {
            assert_readable(text, ground);
        }
    }
    for name in ["k", "o", "s", "n", "c", "f", "b", "d", "u", "text", "link", "edge"] {
        for ground in pages {
            assert_readable(&colours[name], ground);
        }
    }
    for number in 0..16 {
        assert_readable(&colours["text"], &colours[&format!("g{number}")]);
    }
}

#[track_caller]
fn assert_readable(text: &str, ground: &str) {
    let (a, b) = (luminance(text), luminance(ground));
    let contrast = (a.max(b) + 0.05) / (a.min(b) + 0.05);
    assert!(contrast >= CONTRAST_MIN, "{text} on {ground}: {contrast:.2}");
}

fn luminance(colour: &str) -> f64 {
    let part = |at: usize| {
        let value = u8::from_str_radix(&colour[at..at + 2], 16).expect("a colour as #rrggbb");
        let value = f64::from(value) / 255.0;
        if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
}

/// The `--nb-…` of a part of the stylesheet.
fn variables(css: &str) -> HashMap<String, String> {
    css.split("--nb-")
        .filter_map(|rule| rule.split_once(": #"))
        .map(|(name, value)| (name.to_owned(), format!("#{}", &value[..6])))
        .collect()
}

#[test]
fn every_class_that_is_written_has_a_rule() {
    for class in [
        "k",
        "o",
        "s",
        "n",
        "c",
        "f",
        "b",
        "d",
        "u",
        "gap",
        "table",
        "dataframe",
        "alert",
        "fv",
        "code",
    ] {
        assert!(CSS.contains(&format!(".nb .{class} ")), "{class}");
    }
    for number in 0..16 {
        assert!(
            CSS.contains(&format!(".nb .f{number} ")) && CSS.contains(&format!(".nb .g{number} "))
        );
    }
}
