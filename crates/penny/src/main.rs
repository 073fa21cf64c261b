//! The `penny` command.

/// A list of ten thousand notebooks is a hundred thousand small texts: with the system's allocator, making and
/// freeing them is a fifth of what `penny status` takes. Without huge pages, an idle service needs less memory too.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    penny::cli::main()
}
