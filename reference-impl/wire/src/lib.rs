//! Bytes to operations and back, generically over the world's list of operations: no operation is parsed by hand.
//!
//! | Module | What is in it |
//! |---|---|
//! | [`Exchange`] | the door: how one HTTP exchange speaks, its request decoded, its reply encoded |
//! | [`sigv4`] | who signed a request, and whether the signature holds |
//! | [`query_client`] | the client's half of Query, so that a JSON-speaking SDK can be run over it |
//! | `operation` | the services, and an operation of any of them |
//! | `dialect` | what each service's protocols call things: one table per service |
//! | `json`, `objects` | the JSON protocol: straight between bytes and typed values |
//! | `query` | the Query protocol: parameters in, XML (or Query-shaped JSON) out |
//! | `form`, `parameters`, `reader` | form text, the bounded tree of its parameters, serde's view of the tree |
//! | `form_writer` | shapes to form text, for the client |
//! | `shape`, `builder` | an ordered tree of any input or output, and serde's way into it |
//! | `xml` | XML written from shapes, and read for the client |
//!
//! No I/O, no clock, no async: bytes in, bytes out.

mod builder;
mod dialect;
mod exchange;
mod form;
mod form_writer;
mod json;
mod objects;
mod operation;
mod parameters;
mod query;
pub mod query_client;
mod reader;
mod shape;
pub mod sigv4;
mod xml;

pub use exchange::Exchange;
