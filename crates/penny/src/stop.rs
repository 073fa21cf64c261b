//! The wish to end: Ctrl-C, SIGTERM, the end of a session; and, of one run, that somebody cancels it.

use std::sync::Arc;

use tokio::sync::watch;

use crate::platform;

/// Who wishes Penny to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// The user at the keyboard: Ctrl-C.
    Keyboard,
    /// The system: SIGTERM, the end of a session, a service that is stopped.
    System,
    /// Another computer, which works in this workspace now.
    TakenOver,
}

/// Tells everyone who waits that Penny is asked to end.
#[derive(Clone)]
pub struct Stop {
    tell: Arc<watch::Sender<Option<Wish>>>,
    asked: watch::Receiver<Option<Wish>>,
    /// Who cancelled what this is about, while Penny goes on.
    cancelled: Option<watch::Receiver<Option<Arc<str>>>>,
}

impl Stop {
    /// Listens to the system. The first wish is told to all who wait on it; after the second Penny
    /// ends at once (what it started ends with it).
    pub fn listen() -> Stop {
        let stop = Stop::never();
        let told = stop.clone();
        tokio::spawn(async move {
            told.ask(platform::asked_to_end().await);
            platform::asked_to_end().await;
            std::process::exit(130);
        });
        stop
    }

    /// One for something that may be cancelled by itself; who did it is sent.
    pub fn or_cancelled(&self, cancelled: watch::Receiver<Option<Arc<str>>>) -> Stop {
        Stop { cancelled: Some(cancelled), ..self.clone() }
    }

    /// One that is never asked by the system.
    pub fn never() -> Stop {
        let (tell, asked) = watch::channel(None);
        Stop { tell: Arc::new(tell), asked, cancelled: None }
    }

    /// Asks everyone who waits on it to end, unless they were asked before.
    pub fn ask(&self, wish: Wish) {
        self.tell.send_if_modified(|told| {
            let is_first = told.is_none();
            told.get_or_insert(wish);
            is_first
        });
    }

    /// Whether it was asked.
    pub fn is_asked(&self) -> bool {
        self.wish().is_some() || self.cancelled_by().is_some()
    }

    /// Who cancelled what this is about, if that is why it ends: not when Penny itself is asked to.
    pub fn cancelled_by(&self) -> Option<Arc<str>> {
        let by = self.cancelled.as_ref()?.borrow().clone();
        by.filter(|_| self.wish().is_none())
    }

    /// Who asked Penny to end, if someone did.
    pub fn wish(&self) -> Option<Wish> {
        *self.asked.borrow()
    }

    /// Comes back when it is asked.
    pub async fn asked(&self) {
        match &self.cancelled {
            None => said(&self.asked).await,
            Some(cancelled) => tokio::select! {
                () = said(&self.asked) => {}
                () = said(cancelled) => {}
            },
        }
    }

    /// The work's result, unless Penny is asked to end first; the work is then dropped.
    ///
    /// # Errors
    /// The work's own, or the interruption.
    pub async fn or<T>(
        &self,
        work: impl Future<Output = crate::error::Result<T>>,
    ) -> crate::error::Result<T> {
        tokio::select! {
            result = work => result,
            () = self.asked() => Err(crate::error::Error::interrupted()),
        }
    }
}

/// Comes back when something was said; never when nobody can say it any more.
async fn said<T: Clone>(told: &watch::Receiver<Option<T>>) {
    if told.clone().wait_for(Option::is_some).await.is_err() {
        std::future::pending::<()>().await;
    }
}
