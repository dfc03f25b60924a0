//! XML, as the Query protocol answers in it.
//!
//! | Module | What is in it |
//! |---|---|
//! | [`write`] | shapes to elements, led by the service's names; AWS's way of escaping |
//! | [`read`] | elements to shapes, for the client's half |

pub(crate) mod read;
pub(crate) mod write;
