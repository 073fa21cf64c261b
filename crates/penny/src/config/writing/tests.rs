//! What is changed is the schedule, and nothing else: tried on files of many layouts, each with both ends of
//! lines, with and without a byte order mark and a last end of line.

use super::*;

/// Files with a `[schedule]`, or none, and a notebook `a` with one after it.
const CORPUS: &[&str] = &[
    concat!(
        include_str!("../../workspace/templates/penny.toml"),
        "\n[[notebook]]\nname = \"a\"\nfile = \"a.ipynb\"\n"
    ),
    "[[notebook]]\nname = \"a\"\nfile = \"a.ipynb\"\n",
    "# tête\n[schedule]\n# quand\nevery = \"2h\"  # deux heures\n\n[[notebook]]\nname = \"a\"\nfile = \"a.ipynb\"\n\n# le suivant\n[[notebook]]\nname = \"b\"\nfile = \"b.ipynb\"\nevery = \"1d\"\n",
    "[[notebook]]\nname        = \"a\"\nfile        = \"a.ipynb\"\ndaily_at    = [\n    \"08:00\", # matin\n    \"13:30\",\n]\ndescription = \"é\"\n[notebook.parameters]\nevery = \"rien\"\n[[notebook]]\nname = \"b\"\nfile = \"b.ipynb\"\n[schedule]\n",
    "schedule.every = \"30m\"\nschedule.quiet = \"5s\"\n[[notebook]]\n  name = 'a'\n  file = 'a.ipynb'\n  cron = '0 8 * * *' # tôt\n  on_change = true\n",
    "schedule = { every = \"2h\", working_days = \"FR\" } # tout\nnotebook = [{ name = \"a\", file = \"a.ipynb\", daily_at = \"8h\" }, { name = \"b\", file = \"b.ipynb\" }]\n",
    "\n\n[schedule] # vide\n\n[[notebook]] # un\n\"name\" = \"a\"\nfile = \"a.ipynb\"\nworking_day = [1, -1] # clôture\ndaily_at = [\"07:00\"]\nworking_days = \"FR\"\n\n\n# fin",
    "[schedule]\ncron=\"@daily\"\n[[notebook]]\nfile=\"a.ipynb\"\nname=\"a\"\nparameters.every=1\nworking_days=false\n",
];

fn wishes() -> Vec<ScheduleWords> {
    let rhythms = [
        None,
        Some(RhythmWords::Every("45m".into())),
        Some(RhythmWords::DailyAt(vec!["08:00".into(), "13:30".into()])),
        Some(RhythmWords::DailyAt(vec!["8h".into()])),
        Some(RhythmWords::Cron("0 8 * * 1-5".into())),
        Some(RhythmWords::WorkingDay(vec![3], vec![])),
        Some(RhythmWords::WorkingDay(vec![1, -1], vec!["07:00".into()])),
    ];
    let days = [None, Some(DaysWords::All), Some(DaysWords::Working("FR".into()))];
    let mut wishes = Vec::new();
    for rhythm in rhythms {
        for days in &days {
            for on_change in [None, Some(true), Some(false)] {
                wishes.push(ScheduleWords {
                    rhythm: rhythm.clone(),
                    days: days.clone(),
                    on_change,
                });
            }
        }
    }
    wishes
}

/// Each file of the corpus in each of its forms.
fn forms() -> impl Iterator<Item = String> {
    CORPUS.iter().flat_map(|text| {
        let whole = (*text).to_owned();
        let cut = text.trim_end_matches('\n').to_owned();
        [whole.clone(), cut, whole.replace('\n', "\r\n"), format!("\u{feff}{whole}")]
    })
}

/// The lines that say something of a schedule of this place, with their neighbours in a list over lines.
fn may_change(line: &str, of: Of<'_>) -> bool {
    let keys = words::KEYS.iter().any(|key| line.contains(key));
    let in_list = ["\"08:00\", # matin", "\"13:30\",", "]"].contains(&line.trim());
    keys || of == Of::Notebook("a") && in_list
}

#[test]
fn a_change_touches_the_lines_of_the_schedule_and_no_other_byte() {
    let mut changes = 0;
    for text in forms() {
        let file = SettingsFile { path: "penny.toml".into(), text: text.clone() };
        for of in [Of::Workspace, Of::Notebook("a")] {
            for wanted in wishes() {
                let what = format!("{wanted:?} of {of:?} in\n{text}");
                let after = edit::write(&text, of, &wanted)
                    .unwrap_or_else(|e| panic!("{}: {what}", e.sentence()));
                assert_eq!(edit::read(&after, of).expect("read"), wanted, "{what}\n{after}");
                let alone = edit::differ_in_schedule_only(&text, &after, of).expect("read");
                assert!(alone, "{what}\n{after}");
                let changed = Changed {
                    path: file.path.clone(),
                    before: text.clone(),
                    after,
                    config: config(),
                };
                check_lines(&changed, of, &what);
                changes += usize::from(changed.is_change());
                let back = edit::write(&changed.after, of, &wanted).expect("written");
                assert_eq!(back, changed.after, "a second time changes nothing: {what}");
            }
        }
    }
    assert!(changes > 2000, "{changes}");
}

/// A configuration that nothing is asked of.
fn config() -> Config {
    parse::parse(&Source::new(Path::new("penny.toml"), "")).expect("an empty file is right")
}

/// What goes said something of the schedule; its comments stay; the ends of lines are what they were.
#[track_caller]
fn check_lines(changed: &Changed, of: Of<'_>, what: &str) {
    let Changed { before, after, .. } = changed;
    let bare = |text: &'_ String| text.trim_start_matches('\u{feff}').to_owned();
    let (old, new) = (bare(before), bare(after));
    let diff = TextDiff::from_lines(&*old, &*new);
    for change in diff.iter_all_changes().filter(|change| change.tag() == ChangeTag::Delete) {
        // A last line without its end may be given one.
        let is_last =
            change.old_index() == Some(before.lines().count() - 1) && !before.ends_with('\n');
        let line = change.value();
        assert!(may_change(line, of) || is_last && after.contains(line), "{line}\n{what}\n{after}");
    }
    for comment in ["# deux heures", "# tôt", "# clôture", "# tête", "# quand", "# tout", "# vide"]
    {
        assert_eq!(before.contains(comment), after.contains(comment), "{comment} {what}\n{after}");
    }
    assert_eq!(before.starts_with('\u{feff}'), after.starts_with('\u{feff}'), "{what}");
    let bare = |text: &str| text.replace("\r\n", "").contains('\n');
    assert_eq!(before.contains("\r\n"), after.contains("\r\n"), "{what}");
    assert!(!(before.contains("\r\n") && bare(after)), "{what}\n{after}");
}

#[track_caller]
fn check(before: &str, of: Of<'_>, wanted: ScheduleWords, after: &str) {
    assert_eq!(edit::write(before, of, &wanted).expect("written"), after);
}

fn every(interval: &str) -> ScheduleWords {
    let rhythm = Some(RhythmWords::Every(interval.into()));
    ScheduleWords { rhythm, ..ScheduleWords::default() }
}

fn daily(times: &[&str]) -> ScheduleWords {
    let times = times.iter().map(|time| (*time).to_owned()).collect();
    ScheduleWords { rhythm: Some(RhythmWords::DailyAt(times)), ..ScheduleWords::default() }
}

#[test]
fn a_key_is_changed_where_it_stands() {
    let of = Of::Notebook("a");
    check(
        "[[notebook]]\nname  = \"a\"\nevery = \"2h\" # souvent\nfile  = \"a.ipynb\"\n",
        of,
        daily(&["08:00", "13:30"]),
        "[[notebook]]\nname  = \"a\"\ndaily_at = [\"08:00\", \"13:30\"] # souvent\nfile  = \"a.ipynb\"\n",
    );
    check(
        "[[notebook]]\nname        = \"a\"\nevery       = \"2h\"\n",
        of,
        daily(&["08:00"]),
        "[[notebook]]\nname        = \"a\"\ndaily_at    = [\"08:00\"]\n",
    );
    check(
        "[[notebook]]\nname = \"a\"\nevery = \"2h\" # depuis mars\nfile = \"a.ipynb\"\n",
        of,
        ScheduleWords::default(),
        "[[notebook]]\nname = \"a\"\n# depuis mars\nfile = \"a.ipynb\"\n",
    );
    check(
        "[[notebook]]\r\nname = \"a\"",
        of,
        every("2h"),
        "[[notebook]]\r\nname = \"a\"\r\nevery = \"2h\"",
    );
    check("", Of::Workspace, every("2h"), "[schedule]\nevery = \"2h\"\n");
    check("a = 1", Of::Workspace, every("2h"), "a = 1\n\n[schedule]\nevery = \"2h\"\n");
    check(
        "[schedule]\n# rien\n[web]\n",
        Of::Workspace,
        every("2h"),
        "[schedule]\nevery = \"2h\"\n# rien\n[web]\n",
    );
}

#[test]
fn what_means_the_same_stays_as_it_is_written() {
    let text = "[[notebook]]\nname = \"a\"\ndaily_at = \"8h\"\nworking_day=[3]\n";
    let wanted = SettingsFile { path: "penny.toml".into(), text: text.into() };
    let wanted = wanted.schedule(Of::Notebook("a")).expect("read");
    assert_eq!(wanted.rhythm, Some(RhythmWords::WorkingDay(vec![3], vec!["8h".into()])));
    check(text, Of::Notebook("a"), wanted, text);
}

fn on_disk(text: &str) -> (tempfile::TempDir, SettingsFile) {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("a.ipynb"), "{}").expect("written");
    let path = folder.path().join("penny.toml");
    std::fs::write(&path, text).expect("written");
    let file = SettingsFile::read(&path).expect("read");
    (folder, file)
}

#[test]
fn a_schedule_that_is_wrong_is_refused_with_its_line_and_nothing_is_written() {
    let (_folder, file) = on_disk("[[notebook]]\nname = \"a\"\nfile = \"a.ipynb\"\n");
    let refused = file.with_schedule(Of::Notebook("a"), &every("bientôt")).err().expect("refused");
    assert!(refused.sentence().contains("penny.toml:4:9: `every`"), "{}", refused.sentence());
    let unknown = file.with_schedule(Of::Notebook("b"), &every("2h")).err().expect("refused");
    assert_eq!(unknown.sentence(), "penny.toml lists no notebook called `b`");
    let late = file.with_schedule(Of::Notebook("a"), &every("2h")).expect("right");
    std::fs::write(&file.path, "# autre\n").expect("written");
    let refused = late.write().expect_err("it was changed").sentence();
    assert_eq!(refused, "penny.toml was changed by somebody else meanwhile");
    assert_eq!(std::fs::read_to_string(&file.path).expect("read"), "# autre\n");
}

#[test]
fn the_lines_that_change_are_shown_with_those_around_them() {
    let (_folder, file) =
        on_disk("# 1\n# 2\n# 3\n[[notebook]]\nname = \"a\"\nfile = \"a.ipynb\"\nevery = \"2h\"\n");
    let changed = file.with_schedule(Of::Notebook("a"), &every("30m")).expect("right");
    let lines: Vec<String> = changed
        .diff()
        .iter()
        .map(|line| format!("{:?} {} {}", line.kind, line.number, line.text))
        .collect();
    assert_eq!(
        lines,
        [
            "Stays 5 name = \"a\"",
            "Stays 6 file = \"a.ipynb\"",
            "Goes 7 every = \"2h\"",
            "Comes 7 every = \"30m\""
        ]
    );
    changed.write().expect("written");
    let now = SettingsFile::read(&file.path).expect("read");
    assert_ne!(now.hash(), file.hash());
    assert_eq!(now.schedule(Of::Notebook("a")).expect("read"), every("30m"));
}

#[test]
fn a_file_of_ten_thousand_notebooks_is_changed_like_any_other() {
    let notebooks =
        (0..10_000).map(|n| format!("[[notebook]]\nname = \"n{n}\"\nfile = \"a.ipynb\"\n"));
    let (_folder, file) = on_disk(&notebooks.collect::<String>());
    let changed = file.with_schedule(Of::Notebook("n9000"), &every("30m")).expect("right");
    assert_eq!(changed.diff().iter().filter(|line| line.kind != DiffKind::Stays).count(), 1);
}
