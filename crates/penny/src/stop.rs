//! The wish to end: Ctrl-C, SIGTERM, the end of a session.

use tokio::sync::watch;

use crate::platform;

/// Who wishes Penny to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// The user at the keyboard: Ctrl-C.
    Keyboard,
    /// The system: SIGTERM, the end of a session, a service that is stopped.
    System,
}

/// Tells everyone who waits that Penny is asked to end.
#[derive(Clone)]
pub struct Stop {
    asked: watch::Receiver<Option<Wish>>,
}

impl Stop {
    /// Listens to the system. The first wish is told to all who wait on it; after the second Penny
    /// ends at once (what it started ends with it).
    pub fn listen() -> Stop {
        let (tell, asked) = watch::channel(None);
        tokio::spawn(async move {
            let wish = platform::asked_to_end().await;
            // Nobody may be listening any more: Penny is ending then anyway.
            let _ = tell.send(Some(wish));
            platform::asked_to_end().await;
            std::process::exit(130);
        });
        Stop { asked }
    }

    /// One that is never asked.
    pub fn never() -> Stop {
        let (tell, asked) = watch::channel(None);
        std::mem::forget(tell);
        Stop { asked }
    }

    /// Whether it was asked.
    pub fn is_asked(&self) -> bool {
        self.wish().is_some()
    }

    /// Who asked, if someone did.
    pub fn wish(&self) -> Option<Wish> {
        *self.asked.borrow()
    }

    /// Comes back when it is asked.
    pub async fn asked(&self) {
        let mut asked = self.asked.clone();
        if asked.wait_for(Option::is_some).await.is_err() {
            std::future::pending::<()>().await;
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
