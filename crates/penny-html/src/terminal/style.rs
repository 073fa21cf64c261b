//! Colours and the like.

use crate::escape;

/// How a character looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Style {
    /// One of sixteen colours.
    text: Option<u8>,
    back: Option<u8>,
    /// [`BOLD`] and its like.
    flags: u8,
}

const BOLD: u8 = 1;
const DIM: u8 = 2;
const ITALIC: u8 = 4;
const UNDERLINED: u8 = 8;
const STRUCK: u8 = 16;
const INVERSE: u8 = 32;

const CLASSES: &[(u8, &str)] =
    &[(BOLD, "fb"), (DIM, "fd"), (ITALIC, "fi"), (UNDERLINED, "fu"), (STRUCK, "fs")];

/// xterm's sixteen colours, for finding the nearest.
#[rustfmt::skip]
const PALETTE: [[u8; 3]; 16] = [
    [0, 0, 0], [205, 0, 0], [0, 205, 0], [205, 205, 0],
    [0, 0, 238], [205, 0, 205], [0, 205, 205], [229, 229, 229],
    [127, 127, 127], [255, 0, 0], [0, 255, 0], [255, 255, 0],
    [92, 92, 255], [255, 0, 255], [0, 255, 255], [255, 255, 255],
];

impl Style {
    /// Does what the numbers of `ESC [ … m` say; unknown ones nothing.
    pub(super) fn set(&mut self, numbers: &str) {
        let mut numbers = numbers.split([';', ':']).map(|n| match n {
            "" => 0,
            digits => digits.parse::<u16>().unwrap_or(u16::MAX),
        });
        while let Some(number) = numbers.next() {
            match number {
                0 => *self = Self::default(),
                1 => self.flags |= BOLD,
                2 => self.flags |= DIM,
                3 => self.flags |= ITALIC,
                4 | 21 => self.flags |= UNDERLINED,
                7 => self.flags |= INVERSE,
                9 => self.flags |= STRUCK,
                22 => self.flags &= !(BOLD | DIM),
                23 => self.flags &= !ITALIC,
                24 => self.flags &= !UNDERLINED,
                27 => self.flags &= !INVERSE,
                29 => self.flags &= !STRUCK,
                30..=37 => self.text = Some(small(number - 30)),
                38 => self.text = extended(&mut numbers).or(self.text),
                39 => self.text = None,
                40..=47 => self.back = Some(small(number - 40)),
                48 => self.back = extended(&mut numbers).or(self.back),
                49 => self.back = None,
                90..=97 => self.text = Some(small(number - 82)),
                100..=107 => self.back = Some(small(number - 92)),
                _ => {}
            }
        }
    }

    /// Adds text that looks so.
    pub(super) fn write(self, out: &mut String, text: &str) {
        if self == Self::default() {
            return escape::text(out, text);
        }
        out.push_str("<span class=\"");
        let from = out.len();
        let (mut front, mut back) = (self.text, self.back);
        if self.flags & INVERSE != 0 {
            (front, back) = (back, front);
            if front.is_none() && back.is_none() {
                class(out, from, "fv");
            }
        }
        if let Some(number) = front {
            class(out, from, &format!("f{number}"));
        }
        if let Some(number) = back {
            class(out, from, &format!("g{number}"));
        }
        for (flag, name) in CLASSES {
            if self.flags & flag != 0 {
                class(out, from, name);
            }
        }
        out.push_str("\">");
        escape::text(out, text);
        out.push_str("</span>");
    }
}

fn class(out: &mut String, from: usize, name: &str) {
    if out.len() > from {
        out.push(' ');
    }
    out.push_str(name);
}

fn small(number: u16) -> u8 {
    u8::try_from(number).unwrap_or(0) % 16
}

/// The colour after `38` or `48`: `5;n` of 256, `2;r;g;b` of all.
fn extended(numbers: &mut impl Iterator<Item = u16>) -> Option<u8> {
    match numbers.next()? {
        5 => of_256(u8::try_from(numbers.next()?).ok()?),
        2 => {
            let mut next = || u8::try_from(numbers.next()?.min(255)).ok();
            Some(nearest([next()?, next()?, next()?]))
        }
        _ => None,
    }
}

fn of_256(number: u8) -> Option<u8> {
    match number {
        0..16 => Some(number),
        16..232 => {
            let level = |n: u8| if n == 0 { 0 } else { 55 + 40 * n };
            let cube = number - 16;
            Some(nearest([level(cube / 36), level(cube / 6 % 6), level(cube % 6)]))
        }
        grey => Some(nearest([8 + 10 * (grey - 232); 3])),
    }
}

fn nearest(colour: [u8; 3]) -> u8 {
    let distance = |other: &[u8; 3]| -> u32 {
        colour.iter().zip(other).map(|(a, b)| u32::from(a.abs_diff(*b)).pow(2)).sum()
    };
    (0_u8..16).min_by_key(|n| distance(&PALETTE[usize::from(*n)])).unwrap_or(0)
}
