//! `penny start`.

use super::Context;
use crate::daemon::{Service, serve};
use crate::error::{Kind, Result};
use crate::stop::Wish;

pub async fn start(context: &Context) -> Result<u8> {
    let workspace = context.workspace()?;
    let service = Service {
        surroundings: context.surroundings.clone(),
        stop: context.stop.clone(),
        log_format: context.log_format,
    };
    match serve(service, workspace).await? {
        Wish::Keyboard => Ok(Kind::Interrupted.status()),
        // A service that was told to stop has done so.
        Wish::System => Ok(0),
        Wish::TakenOver => Ok(Kind::Missing.status()),
    }
}
