//! The program `markhound`: parses the command line and calls one function.

fn main() -> std::process::ExitCode {
    markhound::cli::main()
}
