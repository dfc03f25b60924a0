//! The catalogue: what AWS promises, one clause per row, read from TOML.

use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fmt;

/// How binding a clause is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Strength {
    /// Documented: must hold.
    Guaranteed,
    /// Recorded on AWS and not promised.
    Observed,
    /// May happen: tolerate both, require neither.
    Permitted,
    /// Sources disagree, or nobody has read one: measure, never fail.
    Open,
}

impl Strength {
    /// Whether a case may fail a target on such a clause.
    #[must_use]
    pub const fn binds(self) -> bool {
        matches!(self, Strength::Guaranteed | Strength::Observed)
    }
}

/// A protocol's name in the catalogue and in the names of units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProtocolName {
    /// AWS JSON.
    Json,
    /// AWS Query.
    Query,
}

impl From<ProtocolName> for proofmark_backend::Protocol {
    fn from(name: ProtocolName) -> Self {
        match name {
            ProtocolName::Json => proofmark_backend::Protocol::Json,
            ProtocolName::Query => proofmark_backend::Protocol::Query,
        }
    }
}

impl From<proofmark_backend::Protocol> for ProtocolName {
    fn from(protocol: proofmark_backend::Protocol) -> Self {
        match protocol {
            proofmark_backend::Protocol::Json => ProtocolName::Json,
            proofmark_backend::Protocol::Query => ProtocolName::Query,
        }
    }
}

impl fmt::Display for ProtocolName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            ProtocolName::Json => "json",
            ProtocolName::Query => "query",
        })
    }
}

/// One promise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clause {
    /// An append-only name: `sqs.visibility.change-zero`.
    pub id: String,
    /// The part of the service that it is about.
    pub section: String,
    /// The promise, in our own words.
    pub says: String,
    /// How binding it is.
    pub strength: Strength,
    /// Where it shows.
    pub protocols: Vec<ProtocolName>,
    /// Where it comes from.
    pub source: String,
    /// How long it takes to see it on AWS, in seconds.
    pub seconds_on_aws: u64,
    /// The value in September 2021, if it has changed since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub then: Option<String>,
    /// The value today, if it has changed since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now: Option<String>,
    /// Why no case can show it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uncoverable: Option<String>,
}

/// Why a catalogue cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// Not TOML, or not clauses.
    #[error("the clause file is not readable; correct the place that is named")]
    Malformed(#[from] toml::de::Error),
    /// Two clauses with one name.
    #[error("the clause id `{0}` is there twice; ids are names, give the newer one another")]
    Twice(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    clause: Vec<Clause>,
}

/// All clauses, in the order of their files.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    clauses: Vec<Clause>,
    by_id: HashMap<String, usize>,
}

impl Catalogue {
    /// Reads clause files.
    ///
    /// # Errors
    /// [`CatalogueError`] if a file is malformed, has an unknown key, or repeats an id.
    pub fn parse(files: &[&str]) -> Result<Self, CatalogueError> {
        let mut catalogue = Catalogue::default();
        for file in files {
            let File { clause } = toml::from_str(file)?;
            clause.into_iter().try_for_each(|clause| catalogue.add(clause))?;
        }
        Ok(catalogue)
    }

    fn add(&mut self, clause: Clause) -> Result<(), CatalogueError> {
        let index = self.clauses.len();
        if self.by_id.insert(clause.id.clone(), index).is_some() {
            return Err(CatalogueError::Twice(clause.id));
        }
        self.clauses.push(clause);
        Ok(())
    }

    /// The clause of that name.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Clause> {
        self.by_id.get(id).map(|&index| &self.clauses[index])
    }

    /// Every clause, in the order of the files.
    pub fn iter(&self) -> impl Iterator<Item = &Clause> {
        self.clauses.iter()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.clauses.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.clauses.is_empty()
    }

    /// The clauses that could be covered and that none of `cases` covers.
    pub fn uncovered<'a>(&'a self, cases: &'a [&crate::Case]) -> impl Iterator<Item = &'a Clause> {
        let covered = move |clause: &Clause| cases.iter().any(|case| case.clauses.contains(&clause.id.as_str()));
        self.iter().filter(move |clause| clause.uncoverable.is_none() && !covered(clause))
    }

    /// The clause ids that `cases` name and the catalogue does not have, each with its case.
    pub fn unknown<'a>(&'a self, cases: &'a [&'static crate::Case]) -> impl Iterator<Item = (&'a str, &'a str)> {
        let named = cases.iter().flat_map(|case| case.clauses.iter().map(|clause| (case.id, *clause)));
        named.filter(|(_, clause)| self.get(clause).is_none())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = r#"
        [[clause]]
        id = "sqs.x.y"
        section = "x"
        says = "It does."
        strength = "open"
        protocols = ["json", "query"]
        source = "nobody"
        seconds_on_aws = 5
    "#;

    #[test]
    fn a_clause_is_found_by_its_name() {
        let catalogue = Catalogue::parse(&[ONE]).unwrap();
        assert_eq!(catalogue.len(), 1);
        assert_eq!(catalogue.get("sqs.x.y").unwrap().strength, Strength::Open);
        assert!(!catalogue.get("sqs.x.y").unwrap().strength.binds());
    }

    #[test]
    fn a_name_given_twice_is_refused_even_across_files() {
        assert!(matches!(Catalogue::parse(&[ONE, ONE]), Err(CatalogueError::Twice(id)) if id == "sqs.x.y"));
    }

    #[test]
    fn an_unknown_key_is_refused() {
        let file = format!("{ONE}\ncolour = \"red\"");
        assert!(matches!(Catalogue::parse(&[&file]), Err(CatalogueError::Malformed(_))));
    }
}
