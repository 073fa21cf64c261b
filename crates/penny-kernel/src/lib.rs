//! Jupyter kernels: found, launched, spoken to, watched and ended.
//!
//! [`SearchPath`] finds a [`Kernelspec`], [`Kernel::start`] launches it, [`Kernel::execute`] sends it
//! one cell, [`Kernel::next_event`] tells what came of it, [`Kernel::shutdown`] ends it.
//! A [`Template`] has imported what notebooks need, and forks kernels that have it at once.
//!
//! What does not happen here: no environment variable is read (but for the system's temporary
//! folder, where a socket's path would be too long elsewhere), no notebook is known, no output is
//! kept. A kernel never outlives the [`Kernel`] that owns it, nor the process that started it.

mod channels;
mod connection;
mod count;
mod death;
mod folder;
mod gateway;
mod kernel;
mod kernelspec;
mod launch;
mod life;
mod mend;
mod message;
mod platform;
mod process;
mod request;
mod search;
mod start;
mod tail;
mod template;
mod wire;

pub use channels::ConnectionError;
pub use death::{Cause, Death, Ended};
pub use gateway::{Gateway, GatewayError, GatewayLaunch, RemoteKernelspec};
pub use kernel::{Event, Kernel, KernelError};
pub use kernelspec::{InterruptMode, Kernelspec, KernelspecError};
pub use launch::Launch;
pub use message::RequestId;
pub use search::SearchPath;
pub use start::StartError;
pub use template::{LeftOut, Template, TemplateError, TemplateLaunch};
