//! The command lines that do it again: the whole run, and one unit.

use super::request::Request;
use crate::arguments::CheckArguments;
use crate::world::World;

/// The command line of the whole run.
pub(super) fn whole(options: &CheckArguments, request: &Request, world: &World) -> String {
    let mut words = request.selecting.clone();
    words.extend(settings(options, request, world));
    if let Some(label) = &options.results.label {
        words.extend(["--label".to_owned(), label.clone()]);
    }
    command(words)
}

/// The command line of one unit.
pub(super) fn of_unit(unit: &str, options: &CheckArguments, request: &Request, world: &World) -> String {
    command(std::iter::once(unit.to_owned()).chain(settings(options, request, world)))
}

fn settings(options: &CheckArguments, request: &Request, world: &World) -> Vec<String> {
    let mut words = world.flags.clone();
    if !world.is_remote() {
        words.extend(["--seed".to_owned(), request.seed.to_string()]);
    }
    words.extend(request.exact.then(|| "--exact".to_owned()));
    if let Some(path) = &options.running.expect {
        words.extend(["--expect".to_owned(), path.display().to_string()]);
    }
    words
}

fn command(words: impl IntoIterator<Item = String>) -> String {
    let quoted = words.into_iter().map(|word| quoted(&word));
    ["proofmark".to_owned(), "check".to_owned()].into_iter().chain(quoted).collect::<Vec<_>>().join(" ")
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:=,@%+".contains(&byte);
    if !word.is_empty() && word.bytes().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_a_shell_would_change_are_quoted() {
        assert_eq!(quoted("sqs.dlq.x/json"), "sqs.dlq.x/json");
        assert_eq!(quoted("!sqs.*"), "'!sqs.*'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted(""), "''");
    }
}
