//! Requests per second over loopback, side by side in one run: what the reference costs on top of its HTTP server.
//!
//! | Contestant | What answers |
//! |---|---|
//! | canned | hyper in this process, with the bytes of one answer every time |
//! | reference | `proofmark_reference::Server`, which carries the request out |
//! | peer | the server that `PROOFMARK_BENCH_PEER` names, such as `http://127.0.0.1:14500`, if it is set |
//!
//! Two kinds of work: SendMessage over AWS JSON, and Publish to ten queues over AWS Query.
//!
//! All get the same request from the same client over as many kept-alive connections, in short blocks that
//! alternate, so that a machine that is busy for a moment slows all of them. Client and servers of this process
//! share one runtime of two threads.
//!
//! | Module | What is in it |
//! |---|---|
//! | `client` | prebuilt requests over plain sockets: cheap, so that the server is what is measured |
//! | `servers` | the canned server, the reference, and the peer |
//! | `figures` | rates of blocks, and what is printed of them |

mod client;
mod figures;
mod servers;

use client::Load;
use figures::{Figures, Rate};
use proofmark_reference::clock::WallClock;
use servers::Work;
use std::time::Duration;

/// How many connections every contestant gets.
const CONNECTIONS: usize = 64;
const WORKER_THREADS: usize = 2;
const BLOCK: Duration = Duration::from_millis(500);
const ROUNDS: usize = 16;
const QUICK_ROUNDS: usize = 3;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if !chosen(&arguments) {
        return;
    }
    let rounds = if arguments.iter().any(|argument| argument == "--quick") { QUICK_ROUNDS } else { ROUNDS };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(WORKER_THREADS).enable_all().build();
    runtime.expect("a runtime").block_on(async {
        for work in [Work::Send, Work::Publish] {
            run(rounds, work).await;
        }
    });
}

/// Whether criterion, given these arguments, would run a benchmark called `serve`.
fn chosen(arguments: &[String]) -> bool {
    let has = |flag: &str| arguments.iter().any(|argument| argument == flag);
    // The values of criterion's options, which stand apart from their names, are numbers or follow an option.
    let after_option =
        |index: usize| index > 0 && arguments[index - 1].starts_with("--") && !has_no_value(&arguments[index - 1]);
    let mut filters = arguments
        .iter()
        .enumerate()
        .filter(|(index, argument)| !argument.starts_with('-') && !after_option(*index))
        .map(|(_, argument)| argument)
        .peekable();
    let fits = filters.peek().is_none() || filters.any(|filter| "serve".contains(filter.as_str()));
    has("--bench") && !has("--list") && !has("--test") && fits
}

fn has_no_value(option: &str) -> bool {
    matches!(option, "--bench" | "--quick" | "--quiet" | "--verbose" | "--noplot" | "--discard-baseline" | "--exact")
}

async fn run(rounds: usize, work: Work) {
    let clock = WallClock::new();
    let mut loads = contestants(work).await;
    let mut figures: Vec<Figures> = loads.iter().map(|load| Figures::new(load.name())).collect();
    for load in &mut loads {
        load.block(&clock, BLOCK).await;
    }
    for round in 0..rounds {
        for place in 0..loads.len() {
            let index = if round % 2 == 0 { place } else { loads.len() - 1 - place };
            let rate: Rate = loads[index].block(&clock, BLOCK).await;
            figures[index].add(rate);
        }
    }
    figures::print(work.says(), &figures);
}

async fn contestants(work: Work) -> Vec<Load> {
    let (reference, sample) = servers::reference(work).await;
    let canned = servers::canned(sample, work).await;
    let mut loads = vec![
        Load::new("hyper with a canned answer", canned, CONNECTIONS).await,
        Load::new("reference", reference, CONNECTIONS).await,
    ];
    if let Ok(url) = std::env::var("PROOFMARK_BENCH_PEER") {
        loads.push(Load::new(&url, servers::peer(&url, work).await, CONNECTIONS).await);
    }
    loads
}
