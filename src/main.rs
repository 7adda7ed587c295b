//! The program `markhound`: parses the command line and calls one function.

/// Pages are read into many small pieces by several threads; `markhound bench crawl`
/// says what another allocator costs.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    markhound::cli::main()
}
