//! `acceptance [file]`: joins a test run's output (of the file, or standard input) with the lists of cases and
//! prints how they stand. It ends with 1 when something is wrong; open cases are not.

use std::env;
use std::fs;
use std::io::{self, Read};
use std::path::Path;
use std::process::ExitCode;

use regrow_tests::{Exceptions, Report, Run, join, read_catalogues};

fn main() -> ExitCode {
    match report() {
        Ok(report) => {
            print!("{report}");
            ExitCode::from(u8::from(!report.complaints.is_empty()))
        }
        Err(wrong) => {
            eprintln!("acceptance: {wrong}");
            ExitCode::FAILURE
        }
    }
}

fn report() -> Result<Report, String> {
    let lists = Path::new(env!("CARGO_MANIFEST_DIR")).join("acceptance");
    let cases = lists.join("cases");
    let catalogues = read_catalogues(&cases).map_err(|wrong| told(&cases, &wrong))?;
    let skipped = lists.join("skipped.toml");
    let skipped = fs::read_to_string(&skipped).map_err(|wrong| told(&skipped, &wrong))?;
    let exceptions = Exceptions::parse(&skipped).map_err(|wrong| wrong.join("\n"))?;
    Ok(join(&catalogues, &exceptions, &Run::parse(&output()?)))
}

fn told(what: &Path, wrong: &io::Error) -> String {
    format!("{}: {wrong}", what.display())
}

fn output() -> Result<String, String> {
    let mut text = Vec::new();
    match env::args_os().nth(1) {
        Some(file) => {
            let file = Path::new(&file);
            text = fs::read(file).map_err(|wrong| told(file, &wrong))?;
        }
        None => {
            io::stdin()
                .read_to_end(&mut text)
                .map_err(|wrong| format!("standard input: {wrong}"))?;
        }
    }
    Ok(String::from_utf8_lossy(&text).into_owned())
}
