//! What people and programs read of a comparison.
//!
//! | Module | What it makes |
//! |---|---|
//! | [`human`] | text for a terminal: the runs and whether they may be believed, the table, the verdict last |
//! | [`markdown`] | the same for a pull request: the verdict first |
//! | [`html`] | a page in one file, with pictures |
//! | `sentences` | what all of them say |

pub mod html;
pub mod human;
pub mod markdown;
mod sentences;
