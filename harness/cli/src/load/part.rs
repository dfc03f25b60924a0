//! Which part of a plan this process runs: as said, or as the scheduler of a job array says.

use crate::exit::Trouble;
use proofmark_load::Part;
use std::num::NonZeroU32;

/// Reads `K/N`, or `auto`.
///
/// # Errors
/// Wrong usage, with what to write.
pub(super) fn read(text: Option<&str>) -> Result<Part, Trouble> {
    match text {
        None => Ok(Part::WHOLE),
        Some("auto") => automatic(|name| std::env::var(name).ok()),
        Some(text) => fraction(text).ok_or_else(|| {
            Trouble::Usage(format!("`{text}` is no part; write K/N with K from 1 to N, such as 3/8, or `auto`"))
        }),
    }
}

fn fraction(text: &str) -> Option<Part> {
    let (index, of) = text.split_once('/')?;
    part(index.parse().ok()?, of.parse().ok()?)
}

fn part(index: u32, of: u32) -> Option<Part> {
    let part = Part { index: NonZeroU32::new(index)?, of: NonZeroU32::new(of)? };
    (part.index <= part.of).then_some(part)
}

/// Slurm counts from any number in any step and says how many there are; AWS Batch counts from 0 and says how many;
/// an Indexed Job of Kubernetes counts from 0, and its manifest has to say how many in `PROOFMARK_PARTS`.
fn automatic(variable: impl Fn(&str) -> Option<String>) -> Result<Part, Trouble> {
    let number = |name: &str| variable(name)?.parse::<u32>().ok();
    let slurm = || {
        let (id, first) = (number("SLURM_ARRAY_TASK_ID")?, number("SLURM_ARRAY_TASK_MIN")?);
        let step = number("SLURM_ARRAY_TASK_STEP").filter(|step| *step > 0).unwrap_or(1);
        part(id.checked_sub(first)? / step + 1, number("SLURM_ARRAY_TASK_COUNT")?)
    };
    let batch = || part(number("AWS_BATCH_JOB_ARRAY_INDEX")? + 1, number("AWS_BATCH_JOB_ARRAY_SIZE")?);
    let kubernetes = || part(number("JOB_COMPLETION_INDEX")? + 1, number("PROOFMARK_PARTS")?);
    slurm().or_else(batch).or_else(kubernetes).ok_or_else(|| {
        let known = "SLURM_ARRAY_TASK_ID with _MIN and _COUNT, AWS_BATCH_JOB_ARRAY_INDEX with _SIZE, or \
                     JOB_COMPLETION_INDEX with PROOFMARK_PARTS";
        Trouble::Usage(format!("nothing in the environment says which part this is; set {known}, or write --part K/N"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn within(variables: &[(&str, &str)]) -> Option<(u32, u32)> {
        let variable =
            |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        automatic(variable).ok().map(|part| (part.index.get(), part.of.get()))
    }

    #[test]
    fn parts_are_read_as_written() {
        assert_eq!(fraction("3/8").map(|part| (part.index.get(), part.of.get())), Some((3, 8)));
        assert!(["0/8", "9/8", "3", "a/b", "-1/2", "1/0"].into_iter().all(|text| fraction(text).is_none()));
    }

    #[test]
    fn schedulers_say_which_part_it_is() {
        let slurm = [("SLURM_ARRAY_TASK_ID", "7"), ("SLURM_ARRAY_TASK_MIN", "3"), ("SLURM_ARRAY_TASK_COUNT", "4")];
        assert_eq!(within(&slurm), None, "8 is not one of four");
        let step = [&slurm[..], &[("SLURM_ARRAY_TASK_STEP", "2")]].concat();
        assert_eq!(within(&step), Some((3, 4)));
        assert_eq!(within(&[("AWS_BATCH_JOB_ARRAY_INDEX", "0"), ("AWS_BATCH_JOB_ARRAY_SIZE", "2")]), Some((1, 2)));
        assert_eq!(within(&[("JOB_COMPLETION_INDEX", "1"), ("PROOFMARK_PARTS", "2")]), Some((2, 2)));
        assert_eq!(within(&[("JOB_COMPLETION_INDEX", "1")]), None);
    }
}
