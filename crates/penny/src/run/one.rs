//! One run, from its first word in the history to its last: tried again while its failure may pass.

use std::time::{Duration, Instant};

use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::follow::RunBegins;
use super::{Asking, Execute, Executed, Seat, Syncing, Turn, execute, lines, messages, record};
use crate::config::Entry;
use crate::console::{self, Line, Step};
use crate::error::{Error, Result};
use crate::stop::Stop;
use crate::store::{AttemptEnd, Outcome, RunEnd, RunId, RunStart};

/// A run under way.
struct Run<'a> {
    entry: &'a Entry,
    id: RunId,
    token: String,
    source: std::io::Result<Vec<u8>>,
    /// What its output notebooks say of it.
    record: Map<String, Value>,
    step: Step,
    /// The wish that it ends, be it alone or with Penny.
    stop: Stop,
    /// What was asked for, when somebody asked.
    asked: Option<&'a Asking>,
    begun: Instant,
}

impl Syncing {
    /// One run; it has a seat when it begins, and none while it waits for its next try.
    pub(super) async fn one(
        &self,
        turn: &Turn,
        number: usize,
        of: usize,
        seat: Seat,
    ) -> Result<Line> {
        let run = self.begin(turn, number, of).await?;
        let mut seat = Some(seat);
        let mut failed: Vec<String> = Vec::new();
        let mut attempt = 1;
        let executed = loop {
            let executed = self.attempt(&run, attempt).await?;
            drop(seat.take());
            let Some(pause) = self.pause(&run, &executed, attempt) else { break executed };
            failed.push(self.tell_pause(&run, &executed, attempt, pause));
            self.follow.attempt_waits(run.id, pause);
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = run.stop.asked() => break executed.stopped_between_attempts(&run.stop),
            }
            tokio::select! {
                next = self.seats.take() => seat = Some(next),
                () = run.stop.asked() => break executed.stopped_between_attempts(&run.stop),
            }
            attempt += 1;
        };
        let line = self.record(&run, executed, attempt, failed).await?;
        self.cancelling.ended(run.id);
        run.step.end(&messages::ended(&line));
        self.follow.run_ended(run.id, &line);
        Ok(line)
    }

    async fn begin<'a>(&self, turn: &'a Turn, number: usize, of: usize) -> Result<Run<'a>> {
        let Turn { entry, trigger, due, asked } = turn;
        let (trigger, due, sync) = (*trigger, *due, self.occasion.sync);
        let source = std::fs::read(&entry.file);
        let source_hash = source.as_deref().map(hash).unwrap_or_default();
        let token = self.kernels.token(entry);
        let started = self.clock.wall();
        let start = RunStart {
            sync,
            notebook: &entry.name,
            file: &entry.file_text,
            trigger,
            due,
            source_hash: &source_hash,
            // Known when its kernel is.
            token: Some(&token),
            started,
        };
        let id = self.written(|| self.store.begin_run(&start)).await?;
        let stop = self.stop.or_cancelled(self.cancelling.begin(id));
        let asked = asked.as_deref();
        let mut record = record::of_run(id, &start);
        record.extend(record::of_asking(asked.map(|asked| asked.told(&self.workspace.secrets))));
        tracing::info!("{}: started ({})", entry.name, entry.file_text);
        let notebook = &entry.name;
        self.follow.run_begins(&RunBegins { run: id, sync, trigger, notebook, at: started });
        let step = self.console.step(&format!("[{number}/{of}] {}", entry.name));
        Ok(Run { entry, id, token, source, record, step, stop, asked, begun: Instant::now() })
    }

    /// One try, in the history before and after.
    async fn attempt(&self, run: &Run<'_>, number: u32) -> Result<Executed> {
        let started = self.clock.wall();
        self.written(|| self.store.begin_attempt(run.id, number, started)).await?;
        self.follow.attempt_begins(run.id, number);
        let entry = run.entry;
        let mut record = run.record.clone();
        record.extend(record::of_attempt(number, started));
        let wanted = Execute {
            syncing: self,
            entry,
            stop: &run.stop,
            asked: run.asked,
            run: run.id,
            record,
            token: run.token.clone(),
            started,
            step: &run.step,
            output_folder: self.workspace.outputs(),
        };
        let executed = match (&entry.missing, &run.source) {
            (Some(missing), _) => Executed::not_begun(missing.clone()),
            (None, Err(e)) => {
                let copy = std::io::Error::new(e.kind(), e.to_string());
                Executed::not_begun(Error::file("read", &entry.file, copy).sentence())
            }
            (None, Ok(bytes)) => execute(&wanted, bytes).await,
        };
        let output = executed.output.as_deref().map(|p| self.workspace.shown(p));
        let error = executed.error.as_deref().map(|e| self.workspace.secrets.mask(e));
        let end = AttemptEnd {
            outcome: executed.outcome,
            error: error.as_deref(),
            cause: executed.passing.map(|cause| cause.word()),
            output: output.as_deref(),
            output_seal: executed.output_seal.as_ref(),
            ended: self.clock.wall(),
        };
        self.written(|| self.store.end_attempt(run.id, number, &end)).await?;
        Ok(executed)
    }

    /// How long to wait for the next try, when there is to be one.
    fn pause(&self, run: &Run<'_>, executed: &Executed, attempt: u32) -> Option<Duration> {
        executed.passing?;
        if executed.outcome == Outcome::Succeeded || run.stop.is_asked() {
            return None;
        }
        let pause = self.retry.pause_after(attempt, rand::random())?;
        // A try that could not begin before the sync has to end would only be another failure.
        let in_time = |(end, _): &(Instant, Duration)| Instant::now() + pause < *end;
        self.occasion.deadline().as_ref().is_none_or(in_time).then_some(pause)
    }

    /// Says that there will be another try; answers what the run's record says of this one.
    fn tell_pause(
        &self,
        run: &Run<'_>,
        executed: &Executed,
        attempt: u32,
        pause: Duration,
    ) -> String {
        let cause = executed.passing.map_or("", |cause| cause.word());
        let error = executed.error.as_deref().unwrap_or_default();
        let error = self.workspace.secrets.mask(error);
        let name = &run.entry.name;
        let text = format!(
            "{name}: attempt {attempt} of {} failed ({cause}), the next begins in {}",
            self.retry.attempts,
            console::duration(pause)
        );
        self.console.say(&format!("↻ {text}\n{}", indented(&error)));
        let flat: Vec<&str> = error.lines().map(str::trim).collect();
        tracing::warn!("{text}: {}", flat.join(" | "));
        run.step.detail(&format!("waits for attempt {}", attempt + 1));
        format!("attempt {attempt} failed ({cause}): {}", flat.first().copied().unwrap_or_default())
    }

    /// The run's end, in the history and the log.
    async fn record(
        &self,
        run: &Run<'_>,
        executed: Executed,
        attempts: u32,
        failed: Vec<String>,
    ) -> Result<Line> {
        let entry = run.entry;
        let mut warnings = failed;
        warnings.extend(executed.warnings);
        if executed.outcome == Outcome::Succeeded {
            for gone in self.store.no_longer_published(&entry.name, run.id)? {
                warnings.push(lines::no_longer(&gone, &self.workspace));
            }
        }
        let published = self.store.published_by(run.id)?;
        warnings.extend(published.iter().flat_map(lines::publish_warnings));
        let output = executed.output.as_deref().map(|p| self.workspace.shown(p));
        let secrets = &self.workspace.secrets;
        let error = executed.error.map(|e| secrets.mask(&e));
        let warnings: Vec<String> = warnings.iter().map(|w| secrets.mask(w)).collect();
        let end = RunEnd {
            outcome: executed.outcome,
            error: error.as_deref(),
            output: output.as_deref(),
            output_seal: executed.output_seal.as_ref(),
            cells: executed.cells,
            cells_run: executed.cells_run,
            timings: &executed.timings,
            attempts,
            warnings: &warnings,
            kernel_start: executed.origin.as_ref().map(|o| (o.start, o.reason.as_str())),
            masked: executed.masked,
            ended: self.clock.wall(),
        };
        self.written(|| self.store.end_run(run.id, &end)).await?;
        let line = Line {
            name: entry.name.clone(),
            description: entry.description.clone(),
            outcome: executed.outcome,
            elapsed: run.begun.elapsed(),
            published,
            error,
            warnings,
            output,
            kernel: executed.origin.map(|o| (o.start.to_owned(), o.reason)),
            masked: executed.masked,
        };
        messages::log(&line);
        Ok(line)
    }
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
}

/// SHA-256, in hex.
fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}
