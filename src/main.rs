//! The commands of `baokao`.

fn main() -> std::process::ExitCode {
    baokao::cli::main()
}
