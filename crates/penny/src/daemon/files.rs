//! Files that are watched: penny.toml, `.env`, and the notebooks that run when they are saved.
//!
//! They are looked at, not listened to: that works on network drives, too, and Jupyter saves by renaming, which
//! listeners lose sight of. A drive that hangs holds up this watch alone.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use sha2::{Digest as _, Sha256};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

/// How often files are looked at.
const LOOK: Duration = Duration::from_secs(1);
/// So many notebooks are looked at each time; the next ones are the next time.
const LOOKED_AT_MAX: usize = 500;
/// How long penny.toml and `.env` must not have changed before they are read: an editor may still be writing.
const QUIET: Duration = Duration::from_millis(900);
/// So much news may wait for the dispatcher.
const NEWS_MAX: usize = 16;

/// What has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// penny.toml or `.env`.
    Settings,
    /// These notebooks, by name.
    Notebooks(Vec<String>),
}

/// What is watched.
#[derive(Default)]
pub struct Watched {
    /// penny.toml and `.env`.
    pub settings: Vec<PathBuf>,
    /// The notebooks that run when they were saved.
    pub notebooks: Vec<Notebook>,
}

/// A notebook that runs when it was saved.
#[derive(Clone, Debug)]
pub struct Notebook {
    /// Its name.
    pub name: String,
    /// Its file.
    pub file: PathBuf,
    /// How long the file must not have changed.
    pub quiet: Duration,
}

/// What files hold. Taken before they are read, so that what is saved after that, before the watch looks for the first
/// time, is no secret to it.
#[derive(Default)]
pub struct Known(Vec<(PathBuf, Option<[u8; 32]>)>);

impl Known {
    /// What these hold now.
    pub fn of(paths: Vec<PathBuf>) -> Known {
        let held = paths.into_iter().map(|path| {
            let held = content(&path);
            (path, held)
        });
        Known(held.collect())
    }
}

/// The watch over the files; it ends when this is dropped.
pub struct Files {
    news: mpsc::Receiver<News>,
    watched: watch::Sender<Arc<Watched>>,
    looking: JoinHandle<()>,
}

impl Files {
    /// Watches these from now on; of some it is known what they held when they were read.
    pub fn watch(watched: Watched, known: Known) -> Files {
        let (tell, news) = mpsc::channel(NEWS_MAX);
        let (watched, told) = watch::channel(Arc::new(watched));
        Files {
            news,
            watched,
            looking: tokio::spawn(look_again_and_again(Eyes::knowing(known), told, tell)),
        }
    }

    /// Watches others from now on. What was known of those that stay is kept.
    pub fn change(&self, watched: Watched) {
        self.watched.send_replace(Arc::new(watched));
    }

    /// The next news. Cancel-safe.
    pub async fn next(&mut self) -> News {
        match self.news.recv().await {
            Some(news) => news,
            None => std::future::pending().await,
        }
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        self.looking.abort();
    }
}

async fn look_again_and_again(
    mut eyes: Eyes,
    told: watch::Receiver<Arc<Watched>>,
    tell: mpsc::Sender<News>,
) {
    loop {
        let watched = Arc::clone(&told.borrow());
        let looked = tokio::task::spawn_blocking(move || {
            let news = eyes.look(&watched, Instant::now());
            (eyes, news)
        });
        let Ok((back, news)) = looked.await else { return };
        eyes = back;
        for news in news {
            if tell.send(news).await.is_err() {
                return;
            }
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// What was seen so far.
#[derive(Default)]
struct Eyes {
    seen: HashMap<PathBuf, Seen>,
    /// The notebook to look at first.
    next: usize,
}

struct Seen {
    stamp: Option<(SystemTime, u64)>,
    content: Option<[u8; 32]>,
    /// Since when it is as it is, if that was not told yet.
    changed: Option<Instant>,
}

impl Eyes {
    /// Eyes that have seen what is known. Without a stamp: at the first look the content tells.
    fn knowing(known: Known) -> Eyes {
        let seen = known.0.into_iter();
        let seen = seen.map(|(path, content)| (path, Seen { stamp: None, content, changed: None }));
        Eyes { seen: seen.collect(), next: 0 }
    }

    fn look(&mut self, watched: &Watched, now: Instant) -> Vec<News> {
        let mut news = Vec::new();
        let settings = watched.settings.iter();
        if settings.filter(|path| self.has_changed(path, QUIET, now)).count() > 0 {
            news.push(News::Settings);
        }
        let all = &watched.notebooks;
        let from = if self.next < all.len() { self.next } else { 0 };
        let these = &all[from..all.len().min(from + LOOKED_AT_MAX)];
        self.next = from + these.len();
        let changed = these.iter().filter(|n| self.has_changed(&n.file, n.quiet, now));
        let names: Vec<String> = changed.map(|n| n.name.clone()).collect();
        if !names.is_empty() {
            news.push(News::Notebooks(names));
        }
        news
    }

    /// Whether a file has other content than when it was last told, and has been left alone for a while.
    fn has_changed(&mut self, path: &Path, quiet: Duration, now: Instant) -> bool {
        let stamp = stamp(path);
        let Some(seen) = self.seen.get_mut(path) else {
            let seen = Seen { stamp, content: content(path), changed: None };
            self.seen.insert(path.to_owned(), seen);
            return false;
        };
        if seen.stamp != stamp {
            (seen.stamp, seen.changed) = (stamp, Some(now));
            return false;
        }
        // A file that is not there is being renamed, or will be missed by its run.
        let is_quiet = seen.changed.is_some_and(|since| now.duration_since(since) >= quiet);
        if !is_quiet || stamp.is_none() {
            return false;
        }
        seen.changed = None;
        let content = content(path);
        let is_other = content != seen.content;
        seen.content = content;
        is_other
    }
}

fn stamp(path: &Path) -> Option<(SystemTime, u64)> {
    let metadata = path.metadata().ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}

fn content(path: &Path) -> Option<[u8; 32]> {
    Some(Sha256::digest(std::fs::read(path).ok()?).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setting() -> (tempfile::TempDir, PathBuf, Watched) {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("n.ipynb");
        std::fs::write(&file, "one").expect("written");
        let notebook =
            Notebook { name: "n".into(), file: file.clone(), quiet: Duration::from_secs(10) };
        (folder, file, Watched { settings: Vec::new(), notebooks: vec![notebook] })
    }

    #[test]
    fn a_saved_notebook_is_told_once_after_a_quiet_moment() {
        let (_folder, file, watched) = setting();
        let (mut eyes, begun) = (Eyes::default(), Instant::now());
        let at = |seconds| begun + Duration::from_secs(seconds);
        assert_eq!(eyes.look(&watched, at(0)), []);
        std::fs::write(&file, "other").expect("written");
        assert_eq!(eyes.look(&watched, at(1)), []);
        assert_eq!(eyes.look(&watched, at(9)), []);
        std::fs::write(&file, "another").expect("written");
        assert_eq!(eyes.look(&watched, at(10)), []);
        assert_eq!(eyes.look(&watched, at(19)), []);
        assert_eq!(eyes.look(&watched, at(20)), [News::Notebooks(vec!["n".into()])]);
        assert_eq!(eyes.look(&watched, at(40)), []);
    }

    #[test]
    fn a_file_that_is_saved_as_it_was_or_replaced_by_a_copy_has_not_changed() {
        let (folder, file, watched) = setting();
        let (mut eyes, begun) = (Eyes::default(), Instant::now());
        let at = |seconds| begun + Duration::from_secs(seconds);
        assert_eq!(eyes.look(&watched, at(0)), []);
        std::fs::remove_file(&file).expect("removed");
        assert_eq!(eyes.look(&watched, at(1)), []);
        assert_eq!(eyes.look(&watched, at(30)), []);
        let copy = folder.path().join("copy");
        std::fs::write(&copy, "one").expect("written");
        std::fs::rename(&copy, &file).expect("renamed");
        assert_eq!(eyes.look(&watched, at(31)), []);
        assert_eq!(eyes.look(&watched, at(60)), []);
    }

    #[test]
    fn what_is_saved_after_the_settings_were_read_and_before_the_first_look_is_told() {
        let (_folder, file, _) = setting();
        let watched = Watched { settings: vec![file.clone()], notebooks: Vec::new() };
        let begun = Instant::now();
        let at = |seconds| begun + Duration::from_secs(seconds);
        let check = |saved: &str, expected: &[News]| {
            std::fs::write(&file, "one").expect("written");
            let mut eyes = Eyes::knowing(Known::of(vec![file.clone()]));
            std::fs::write(&file, saved).expect("written");
            assert_eq!(eyes.look(&watched, at(0)), []);
            assert_eq!(eyes.look(&watched, at(1)), expected);
            assert_eq!(eyes.look(&watched, at(9)), []);
        };
        check("two", &[News::Settings]);
        check("one", &[]);
    }

    #[test]
    fn of_very_many_notebooks_some_are_looked_at_each_time() {
        let (_folder, file, mut watched) = setting();
        for number in 0..LOOKED_AT_MAX {
            let notebook = Notebook { name: format!("n{number}"), ..watched.notebooks[0].clone() };
            watched.notebooks.push(notebook);
        }
        watched.notebooks.last_mut().expect("one").file = file.with_extension("other");
        let mut eyes = Eyes::default();
        eyes.look(&watched, Instant::now());
        assert_eq!(eyes.seen.len(), 1);
        eyes.look(&watched, Instant::now());
        assert_eq!(eyes.seen.len(), 2);
    }
}
