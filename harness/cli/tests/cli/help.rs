//! What every command says about itself.

use crate::run;

fn help(arguments: &[&str]) -> String {
    let ended = run(arguments);
    assert_eq!(ended.code, 0, "{}", ended.err);
    // The help pads lines; a snapshot in an editor must not lose that.
    ended.out.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_whole() {
    insta::assert_snapshot!(help(&["--help"]));
}

#[test]
fn check() {
    insta::assert_snapshot!(help(&["check", "--help"]));
}

#[test]
fn load() {
    insta::assert_snapshot!(help(&["load", "--help"]));
}

#[test]
fn search() {
    insta::assert_snapshot!(help(&["search", "--help"]));
}

#[test]
fn serve() {
    insta::assert_snapshot!(help(&["serve", "--help"]));
}

#[test]
fn compare() {
    insta::assert_snapshot!(help(&["compare", "--help"]));
}

#[test]
fn results() {
    let all = ["list", "show", "merge", "export"].map(|command| help(&["results", command, "--help"]));
    insta::assert_snapshot!(format!("{}\n\n{}", help(&["results", "--help"]), all.join("\n\n")));
}

#[test]
fn the_other_commands() {
    let all = ["list", "explain", "coverage", "clean"].map(|command| help(&[command, "--help"]));
    insta::assert_snapshot!(all.join("\n\n"));
}
