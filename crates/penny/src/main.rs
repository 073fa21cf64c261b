//! The `penny` command.

fn main() -> std::process::ExitCode {
    penny::cli::main()
}
