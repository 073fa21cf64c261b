//! `penny kernel`.

use super::arguments::KernelCommand;
use super::{Context, print};
use crate::environment::{self, kernelspec};
use crate::error::Result;

pub async fn kernel(context: &Context, command: KernelCommand) -> Result<u8> {
    let KernelCommand::Install { name, replace } = command;
    let workspace = context.workspace()?;
    let environment = environment::ensure(&workspace, &context.surroundings, &context.console);
    let environment = context.stop.or(environment).await?;
    let folder =
        kernelspec::install(&workspace, &context.surroundings, &environment, &name, replace)?;
    print(&format!(
        "The kernel `{name}` is installed in {}.\n\
         Open a notebook in Jupyter and choose the kernel « {} »: it runs there as Penny runs it, \
         with the variables of .env and `import penny`.",
        folder.display(),
        kernelspec::display_name(&workspace),
    ));
    Ok(0)
}
